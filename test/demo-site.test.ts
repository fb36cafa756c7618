/** @file The site of `segkit demo`: what is in it, how it is served and written. */
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Files } from "../src/serve/demo/page-files.node.ts";
import type { SiteInfo } from "../src/serve/demo/site-info.ts";
import { serveSite, siteApp, type SiteServer } from "../src/serve/demo/site-server.node.ts";
import { demoSite } from "../src/serve/demo/site.node.ts";
import { writeSite } from "../src/serve/demo/write-site.node.ts";
import { tempFolder } from "./support/dataset.ts";

const demo = {
  name: "a & b",
  model: Uint8Array.of(1, 2, 3),
  pictures: [{ name: "one.png", bytes: Uint8Array.of(4) }],
};

let site: Files;
let server: SiteServer;
beforeAll(async () => {
  site = await demoSite(demo);
  server = await serveSite(site, { host: "127.0.0.1", port: 0 });
});
afterAll(() => server.close());

const infoOf = (files: Files): SiteInfo => JSON.parse(Buffer.from(files.get("site.json")!).toString()) as SiteInfo;

/** The status of a path as it is, which `fetch` would tidy up. */
function statusOf(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("holds the page, both builds of ONNX Runtime, the model and the pictures", () => {
  const paths = [...site.keys()].map((path) => path.replace(/-[\w-]{8}\.(js|css)$/, "-HASH.$1"));
  expect(paths.filter((path) => !path.startsWith("assets/")).toSorted()).toEqual([
    ...["icon.svg", "index.html", "model.onnx"],
    ...["ort/ort-wasm-simd-threaded.asyncify.wasm", "ort/ort-wasm-simd-threaded.wasm"],
    ...["ort/ort.wasm.bundle.min.mjs", "ort/ort.webgpu.bundle.min.mjs"],
    ...["pictures/1.jpg", "service-worker.js", "site.json"],
  ]);
  expect(paths).toContain("assets/index-HASH.js");
  expect(paths).toContain("assets/predictor.worker-HASH.js");
});

test("site.json tells of them, and has another version for another model", async () => {
  const info = infoOf(site);
  expect(info).toMatchObject({
    ...{ name: "a & b", model: { path: "model.onnx", bytes: 3 } },
    pictures: [{ path: "pictures/1.jpg", name: "one.png" }],
  });
  expect(info.page.every((path) => site.has(path))).toBe(true);
  expect(infoOf(await demoSite(demo)).version).toBe(info.version);
  expect(infoOf(await demoSite({ ...demo, model: Uint8Array.of(3) })).version).not.toBe(info.version);
});

test("the page asks other servers for nothing", () => {
  for (const [path, bytes] of site)
    if (/^(index\.html|service-worker\.js|assets\/.*\.css)$/.test(path))
      expect(Buffer.from(bytes).toString(), path).not.toMatch(/https?:\/\//);
});

describe("the server", () => {
  test.each([
    ["/", "text/html; charset=utf-8"],
    ["/index.html", "text/html; charset=utf-8"],
    ["/service-worker.js", "text/javascript; charset=utf-8"],
    ["/ort/ort.wasm.bundle.min.mjs", "text/javascript; charset=utf-8"],
    ["/ort/ort-wasm-simd-threaded.wasm", "application/wasm"],
    ["/model.onnx", "application/octet-stream"],
    ["/pictures/1.jpg", "image/jpeg"],
    ["/icon.svg", "image/svg+xml"],
    ["/site.json", "application/json"],
  ])("gives %s as %s, isolated", async (path, type) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ "content-type": type, "x-content-type-options": "nosniff", "cache-control": "no-cache" },
      ...{ "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" },
    });
    const bytes = site.get(path === "/" ? "index.html" : path.slice(1))!;
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test.each([
    ...["/package.json", "/../package.json", "/assets/../../package.json", "/%2e%2e/package.json"],
    ...["/..%2fpackage.json", "/assets/", "/ort/..\\..\\package.json", "//etc/passwd", "/__proto__", "/nothing"],
  ])("has nothing at %s", async (path) => {
    expect([400, 404]).toContain(await statusOf(path));
  });

  test("says so where nothing changed, answers HEAD, and takes no POST", async () => {
    const url = `${server.url}/model.onnx`;
    const tag = (await fetch(url, { method: "HEAD" })).headers.get("ETag")!;
    expect((await fetch(url, { headers: { "If-None-Match": tag } })).status).toBe(304);
    expect((await fetch(url, { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
    const post = await fetch(url, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("answers to localhost and numeric addresses, and to names that it is told, but to no others", async () => {
    const { port } = new URL(server.url);
    expect(await statusOf("/", { Host: `localhost:${port}` })).toBe(200);
    expect(await statusOf("/model.onnx", { Host: `evil.example:${port}` })).toBe(421);
    const told = siteApp(site, ["demo.example"]);
    expect((await told.request("/", { headers: { Host: "demo.example" } })).status).toBe(200);
    const refused = await told.request("/", { headers: { Host: "evil.example" } });
    expect(await refused.text()).toMatch(/^The Host header names neither localhost, .*\nOpen http:\/\/127\.0\.0\.1 /);
    expect((await siteApp(site).request("/", { headers: { Host: "any.example" } })).status).toBe(200);
  });

  test("cannot have a port that is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.on("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const failed = serveSite(site, { host: "127.0.0.1", port });
    await expect(failed).rejects.toThrow(`demo: cannot listen on port ${port} of 127.0.0.1: the port is in use`);
    other.close();
  });
});

test("is written into a folder as it is", async () => {
  const folder = join(await tempFolder(), "a", "b");
  await writeSite(site, folder);
  for (const [path, bytes] of site) expect((await readFile(join(folder, path))).equals(bytes), path).toBe(true);
});
