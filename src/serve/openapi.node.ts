import { z } from "zod";
import { answers } from "./answers.node.ts";
import type { ServeLimits } from "./limits.ts";
import { formType, pictureTypes } from "./picture.node.ts";
import { type ProblemCode, problems } from "./problem.ts";
import { healthAnswer, predictQuery, problemAnswer, rleAnswer, sharesAnswer } from "./schemas.ts";

/** What is served where, and whether a token is needed for it where there is one. */
export const routes = {
  "/predict": { method: "POST", open: false },
  "/healthz": { method: "GET", open: true },
  "/readyz": { method: "GET", open: true },
  "/metrics": { method: "GET", open: false },
  "/openapi.json": { method: "GET", open: false },
} as const satisfies Record<string, { readonly method: "GET" | "POST"; readonly open: boolean }>;

/** An address that is served. */
export type Route = keyof typeof routes;

const schemas = { SharesAnswer: sharesAnswer, RleAnswer: rleAnswer, Problem: problemAnswer, Health: healthAnswer };
const bytes = (contentMediaType: string) => ({ contentMediaType });
const reference = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` });
const jsonSchema = (schema: z.ZodType, io: "input" | "output"): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
};

const contents: Readonly<Record<keyof typeof answers, object>> = {
  "image/png": bytes("image/png"),
  "application/json": reference("SharesAnswer"),
  "application/vnd.segkit.rle+json": reference("RleAnswer"),
  "image/jpeg": bytes("image/jpeg"),
};

/** What a server is described by. */
export interface DescribedServer {
  readonly version: string;
  readonly limits: ServeLimits;
  /** Whether a token is needed. */
  readonly secured: boolean;
}

/** The OpenAPI 3.1 description of a server, from the schemas that its requests and answers are checked with. */
export function openapi({ version, limits, secured }: DescribedServer): object {
  return {
    openapi: "3.1.0",
    info: { title: "segkit serve", version, description: "Masks of pictures, predicted by a trained model." },
    paths: {
      "/predict": { post: { ...predictOperation(limits), ...needs(secured, "/predict") } },
      "/healthz": operation("/healthz", "whether the server runs", "application/json", reference("Health")),
      "/readyz": operation("/readyz", "whether it can predict", "application/json", reference("Health"), ["not-ready"]),
      "/metrics": operation("/metrics", "numbers for Prometheus", "text/plain", { type: "string" }),
      "/openapi.json": operation("/openapi.json", "this description", "application/json", { type: "object" }),
    } satisfies Record<Route, object>,
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema, "output")]),
      ),
      ...(secured && { securitySchemes: { token: { type: "http", scheme: "bearer" } } }),
    },
  };

  function operation(route: Route, summary: string, type: string, schema: object, codes: readonly ProblemCode[] = []) {
    const found = { 200: { description: summary, content: { [type]: { schema } } } };
    const unauthorized: ProblemCode[] = secured && !routes[route].open ? ["unauthorized"] : [];
    const problem = problemResponses([...codes, ...unauthorized, "wrong-host"]);
    return { get: { summary, responses: { ...found, ...problem }, ...needs(secured, route) } };
  }
}

function predictOperation({ bytes: most, pixels, milliseconds }: ServeLimits): object {
  const properties = jsonSchema(predictQuery, "input").properties as Readonly<Record<string, object>>;
  const file = { type: "object", properties: { picture: bytes("image/*") }, required: ["picture"] } as const;
  return {
    summary: "the class of every pixel of a picture",
    description: `At most ${most} bytes, ${pixels} pixels and ${milliseconds / 1000} seconds. Masks have the picture's size; EXIF orientation is not applied.`,
    parameters: Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: false, schema })),
    requestBody: {
      required: true,
      content: {
        ...Object.fromEntries(pictureTypes.map((type) => [type, { schema: bytes(type) }])),
        [formType]: { schema: file },
      },
    },
    responses: {
      200: {
        description: Object.entries(answers)
          .map(([type, { description }]) => `${type}: ${description}`)
          .join("; "),
        content: Object.fromEntries(Object.entries(contents).map(([type, schema]) => [type, { schema }])),
      },
      ...problemResponses(Object.keys(problems) as ProblemCode[]),
    },
  };
}

/** The responses of problems, those of one status in one. */
function problemResponses(codes: readonly ProblemCode[]): object {
  const byStatus = groupByStatus(codes);
  const content = { "application/problem+json": { schema: reference("Problem") } };
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      { description: of.map((code) => `${code}: ${problems[code][1]}`).join("; "), content },
    ]),
  );
}

function groupByStatus(codes: readonly ProblemCode[]): Map<number, ProblemCode[]> {
  const groups = new Map<number, ProblemCode[]>();
  for (const code of codes) groups.set(problems[code][0], [...(groups.get(problems[code][0]) ?? []), code]);
  return groups;
}

function needs(secured: boolean, route: Route): object {
  return secured && !routes[route].open ? { security: [{ token: [] }] } : {};
}
