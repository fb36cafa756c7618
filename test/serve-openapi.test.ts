/** @file The description of the server is of what it does; its metrics count it. */
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { answerTypes } from "../src/serve/answers.node.ts";
import { problems } from "../src/serve/problem.ts";
import { fakeModel, post, ready } from "./support/server.ts";

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, unknown>> }>>;
  readonly security?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

interface Description {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly required: readonly string[] }>> };
}

const open = async () => fakeModel();
let png: Buffer<ArrayBuffer>;

beforeAll(async () => {
  const background = { r: 10, g: 20, b: 30 };
  png = Buffer.from(
    await sharp({ create: { width: 8, height: 6, channels: 3, background } })
      .png()
      .toBuffer(),
  );
});

test("the OpenAPI document names every address, media type and status", async () => {
  const { url } = await ready(open, { version: "1.2.3" });
  const response = await fetch(`${url}/openapi.json`);
  const description = (await response.json()) as Description;
  expect(description).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
  for (const [path, methods] of Object.entries(description.paths))
    for (const method of Object.keys(methods)) {
      const { status } = await fetch(url + path, { method: method.toUpperCase() });
      expect(status, `${method} ${path}`).toBe(method === "get" ? 200 : 415);
    }
  const predict = description.paths["/predict"]!.post!;
  expect(Object.keys(predict.responses["200"]!.content)).toEqual(answerTypes);
  expect(Object.keys(predict.responses).map(Number)).toEqual([
    ...new Set([200, ...Object.values(problems).map(([status]) => status)]),
  ]);
  for (const type of Object.keys(predict.requestBody!.content)) {
    const body = new FormData();
    body.append("picture", new Blob([png]));
    const answer = await (type === "multipart/form-data"
      ? fetch(`${url}/predict`, { method: "POST", body })
      : post(url, png, { "Content-Type": type }));
    expect(answer.status, type).toBe(200);
  }
  expect(predict.parameters).toEqual([expect.objectContaining({ name: "opacity", in: "query" })]);
  expect(JSON.stringify(description).match(/#\/components\/schemas\/\w+/g)).not.toBeNull();
  for (const [reference] of JSON.stringify(description).matchAll(/#\/components\/schemas\/\w+/g))
    expect(description.components.schemas).toHaveProperty(reference.split("/").at(-1)!);
  const required = Object.entries(description.components.schemas).map(([name, schema]) => [name, schema.required]);
  expect(Object.fromEntries(required)).toEqual({
    SharesAnswer: ["size", "classes", "milliseconds"],
    RleAnswer: ["size", "segments", "milliseconds"],
    Problem: ["title", "status", "code", "detail"],
    Health: ["status"],
  });
});

test("with a token, it says where it is needed", async () => {
  const token = "0123456789abcdef";
  const { url } = await ready(open, { token });
  const headers = { Authorization: `Bearer ${token}` };
  const { paths } = (await (await fetch(`${url}/openapi.json`, { headers })).json()) as Description;
  const secured = Object.entries(paths).flatMap(([path, of]) => (Object.values(of)[0]!.security ? [path] : []));
  expect(secured).toEqual(["/predict", "/metrics", "/openapi.json"]);
});

test("metrics count requests by address and status, and the stages of predictions", async () => {
  const seen: unknown[] = [];
  const { url } = await ready(open, { onRequest: ({ route, status }) => seen.push([route, status]) });
  await post(url, png);
  await post(url, "text");
  await fetch(`${url}/secret-name`);
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await response.text()).split("\n");
  expect(lines.filter((line) => line.startsWith("segkit_http_requests_total"))).toEqual([
    'segkit_http_requests_total{route="/predict",status="200"} 1',
    'segkit_http_requests_total{route="/predict",status="400"} 1',
    'segkit_http_requests_total{route="other",status="404"} 1',
  ]);
  for (const stage of ["queue", "decode", "predict", "encode"])
    expect(lines).toContain(`segkit_prediction_seconds_count{stage="${stage}"} 1`);
  expect(lines).toContain("segkit_pixels_total 48");
  expect(lines).toContain("segkit_ready 1");
  expect(lines.join("\n")).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^{}]+\})? [\d.e+-]+)$/);
  expect(seen).toEqual([
    ["/predict", 200],
    ["/predict", 400],
    ["other", 404],
    ["/metrics", 200],
  ]);
});
