import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import { answers, type AnswerOptions, type AnswerType, answerTypes } from "./answers.node.ts";
import { bearerCheck } from "./bearer.node.ts";
import { ClientGone, Deadline, Late } from "./deadline.ts";
import { hostCheck } from "./hosts.node.ts";
import { preferred } from "./negotiate.ts";
import { openapi, type Route, routes } from "./openapi.node.ts";
import { pictureIn, readBody, requireTaken } from "./picture.node.ts";
import { Problem } from "./problem.ts";
import { type healthAnswer, predictQuery, type problemAnswer } from "./schemas.ts";
import { ServeMetrics } from "./serve-metrics.node.ts";
import type { PredictionService } from "./service.node.ts";

/** An answered request, for a log. Nothing in it is the client's own text. */
export interface AnsweredRequest {
  readonly route: Route | "other";
  readonly status: number;
  readonly milliseconds: number;
}

export interface AppOptions {
  /** Without it in an Authorization header there is no answer, but for health and readiness. */
  readonly token?: string;
  /** Names beside localhost and numeric addresses that requests may be for; any where left out. */
  readonly allowedHosts?: readonly string[];
  /** segkit's version. */
  readonly version: string;
  readonly onRequest?: (request: AnsweredRequest) => void;
  /** Hears of faults of the server itself, with the text that the client was given to find them by. */
  readonly onFault?: (error: unknown, id: string) => void;
}

type App = Hono<{ Bindings: HttpBindings }>;
type AppContext = Context<{ Bindings: HttpBindings }>;

/** What answers the requests to a service. */
export function predictionApp(service: PredictionService, options: AppOptions): App {
  const metrics = new ServeMetrics(service);
  const app: App = new Hono();
  const { version, token, allowedHosts } = options;
  const description = openapi({ version, limits: service.limits, secured: token !== undefined });
  app.onError((error, c) => problemResponse(c, problemOf(error, options)));
  app.notFound((c) =>
    problemResponse(c, new Problem("not-found", "there is nothing here", { hint: "See /openapi.json." })),
  );
  app.use(async (c, next) => {
    const begin = performance.now();
    await next();
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Cache-Control", "no-store");
    if (service.stopped) c.header("Connection", "close");
    const route = routeOf(c);
    const request = { route, status: c.res.status, milliseconds: performance.now() - begin };
    metrics.answered(route, request.status, request.milliseconds);
    options.onRequest?.(request);
  });
  if (allowedHosts) requireHost(app, allowedHosts);
  if (token !== undefined) requireToken(app, token);
  app.post("/predict", (c) => predict(c, service, metrics));
  app.get("/healthz", (c) => c.json({ status: "running" } satisfies z.infer<typeof healthAnswer>));
  app.get("/readyz", (c) => {
    service.requireReady();
    return c.json({ status: "ready" } satisfies z.infer<typeof healthAnswer>);
  });
  app.get("/metrics", (c) =>
    c.body(metrics.text(), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
  app.get("/openapi.json", (c) => c.json(description));
  refuseOtherMethods(app);
  return app;
}

function routeOf(c: AppContext): Route | "other" {
  return Object.hasOwn(routes, c.req.path) ? (c.req.path as Route) : "other";
}

function requireHost(app: App, names: readonly string[]): void {
  const holds = hostCheck(names);
  app.use(async (c, next) => {
    if (!holds(c.req.header("Host")))
      throw new Problem("wrong-host", "the Host header names neither localhost, nor an address, nor an allowed host", {
        hint: "Ask by http://127.0.0.1, or start the server with --allow-host NAME.",
      });
    await next();
  });
}

function requireToken(app: App, token: string): void {
  const holds = bearerCheck(token);
  app.use(async (c, next) => {
    const route = routeOf(c);
    if (!(route !== "other" && routes[route].open) && !holds(c.req.header("Authorization")))
      throw new Problem("unauthorized", "the Authorization header does not hold the server's token", {
        hint: "Send Authorization: Bearer TOKEN.",
        headers: { "WWW-Authenticate": "Bearer" },
      });
    await next();
  });
}

function refuseOtherMethods(app: App): void {
  for (const [route, { method }] of Object.entries(routes)) {
    const allowed = method === "GET" ? "GET, HEAD" : method;
    app.all(route, () => {
      throw new Problem("method-not-allowed", `${route} takes ${allowed}`, { headers: { Allow: allowed } });
    });
  }
}

async function predict(c: AppContext, service: PredictionService, metrics: ServeMetrics): Promise<Response> {
  const { incoming } = c.env;
  const type = wantedType(c);
  const options = optionsOf(c);
  requireTaken(incoming);
  service.enter();
  const deadline = new Deadline(service.limits.milliseconds, c.req.raw.signal);
  let isRead = false;
  const work = async (): Promise<Response> => {
    const body = await readBody(incoming, service.limits.bytes).catch((error: unknown) => {
      // Bytes stop coming where the connection breaks.
      throw error instanceof Problem ? error : new ClientGone();
    });
    const picture = await pictureIn(incoming, body);
    isRead = true;
    return service.predict(picture, deadline, async (prediction) => {
      const begin = performance.now();
      const answer = await answers[type].encode(prediction, options);
      const encode = performance.now() - begin;
      metrics.predicted(prediction, encode);
      const times = Object.entries({ ...prediction.milliseconds, encode });
      const timing = times.map(([stage, time]) => `${stage};dur=${time.toFixed(1)}`).join(", ");
      return c.body(answer, 200, { "Content-Type": type, Vary: "Accept", "Server-Timing": timing });
    });
  };
  try {
    // A prediction that was begun cannot be stopped: its place is free when it is over, also where nobody waits any more.
    return await deadline.within(work().finally(() => service.queue.leave()));
  } catch (error) {
    if (c.req.raw.signal.aborted) throw new ClientGone();
    throw error instanceof Late ? lateProblem(service, isRead) : error;
  } finally {
    deadline.end();
  }
}

function wantedType(c: AppContext): AnswerType {
  const none = "none";
  const type = accepts(c, {
    ...{ header: "Accept", supports: [...answerTypes], default: answerTypes[0]! },
    match: (ranges) => preferred(ranges, answerTypes) ?? none,
  });
  if (type !== none) return type as AnswerType;
  const hint = `Accept one of ${answerTypes.join(", ")}.`;
  throw new Problem("not-acceptable", "the Accept header names no media type that can be given", { hint });
}

function optionsOf(c: AppContext): AnswerOptions {
  const parsed = predictQuery.safeParse(c.req.query());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  throw new Problem("bad-request", `the query is wrong: ${where}${issue?.message}`, { hint: "See /openapi.json." });
}

function lateProblem({ limits }: PredictionService, isRead: boolean): Problem {
  const limit = `within ${limits.milliseconds / 1000} s`;
  return isRead
    ? new Problem("time-limit", `there was no mask ${limit}`, { hint: "Try again later, or send a smaller picture." })
    : new Problem("upload-too-slow", `the body was not there ${limit}`, { headers: { Connection: "close" } });
}

/** What a client is told of an error: of faults of the server only an id, by which they are found in its log. */
function problemOf(error: Error, { onFault }: AppOptions): Problem | ClientGone {
  if (error instanceof Problem || error instanceof ClientGone) return error;
  const id = randomUUID();
  onFault?.(error, id);
  return new Problem("internal", `the fault is in the server's log as ${id}`);
}

function problemResponse(c: AppContext, problem: Problem | ClientGone): Response {
  // Nobody reads it; 499 is what proxies write into their logs.
  if (problem instanceof ClientGone) return c.body("", 499 as ContentfulStatusCode);
  const { title, status, code, message: detail, hint, headers } = problem;
  const body: z.infer<typeof problemAnswer> = { title, status, code, detail, ...(hint !== undefined && { hint }) };
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/problem+json", ...headers });
}
