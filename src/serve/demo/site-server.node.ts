import type { Server } from "node:http";
import { extname } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { listen, type Place } from "../listen.node.ts";
import type { Files } from "./page-files.node.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".jpg": "image/jpeg",
  ".wasm": "application/wasm",
};

/** A site that is served. */
export interface SiteServer {
  /** Its address, such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Ends at once: whoever is downloading may try again. */
  close(): Promise<void>;
}

/** Serves the files of a site and nothing else. @throws ConfigError where it cannot listen. */
export async function serveSite(site: Files, place: Place): Promise<SiteServer> {
  const server = createAdaptorServer({ fetch: siteApp(site).fetch, overrideGlobalObjects: false }) as Server;
  const url = await listen(server, place, "demo");
  return {
    url,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What answers for the files of a site: GET and HEAD of the paths that it has. */
export function siteApp(site: Files): Hono {
  const app = new Hono();
  // Pages that are isolated in this way may share memory between threads.
  app.use(secureHeaders({ crossOriginEmbedderPolicy: true, xFrameOptions: "DENY", strictTransportSecurity: false }));
  const version = `"${(JSON.parse(new TextDecoder().decode(site.get("site.json"))) as { version: string }).version}"`;
  app.get("*", (c) => {
    const path = c.req.path === "/" ? "index.html" : c.req.path.slice(1);
    const bytes = site.get(path);
    if (!bytes) return c.text("There is nothing here.\n", 404);
    // What changed is found out at every visit, with one short answer a file.
    const kept = { ETag: version, "Cache-Control": "no-cache" };
    if (c.req.header("If-None-Match") === version) return c.body(null, 304, kept);
    const type = types[extname(path)] ?? "application/octet-stream";
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { ...kept, "Content-Type": type });
  });
  app.all("*", (c) => c.text("Only GET and HEAD.\n", 405, { Allow: "GET, HEAD" }));
  return app;
}
