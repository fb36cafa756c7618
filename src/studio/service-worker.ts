/**
 * @file Keeps the page, the model and what computes them, so that they work without a network. One of these stands for one
 * version of the site, which its own address names.
 */

/** Parts of a service worker's world, which the page's types do not know. */
interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface ServiceWorker {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: WorkerEvent & MessageEvent) => void): void;
}
const worker = globalThis as unknown as ServiceWorker;

const base = new URL(".", location.href).href;
const version = new URL(location.href).searchParams.get("v") ?? "";
const kept = (): Promise<Cache> => caches.open(`${base} ${version}`);

worker.addEventListener("install", (event) => {
  event.waitUntil(keepPage().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(base)) event.respondWith(answer(event));
});

/** What is being kept. */
const keeping = new Set<Promise<void>>();
let hasFailed = false;

// A page asks whether all that it loaded is kept; the answer waits until that is known.
worker.addEventListener("message", (event) => {
  event.waitUntil(Promise.all(keeping).then(() => event.ports[0]?.postMessage(!hasFailed)));
});

async function keepPage(): Promise<void> {
  const cache = await kept();
  const info = await fetch("site.json", { cache: "no-cache" });
  const { page } = (await info.clone().json()) as { page: readonly string[] };
  await cache.put(`${base}site.json`, info);
  // The page itself is also what lies at the site's own address.
  await cache.addAll([base, ...page.map((path) => base + path)]);
}

async function forgetOthers(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith(`${base} `) && name !== `${base} ${version}`) await caches.delete(name);
}

async function answer(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const path = request.url.slice(base.length).replace(/[?#].*/, "");
  // What may be another version by now is asked for; all else belongs to this one.
  const isNews = path === "" || path === "index.html" || path === "site.json";
  const cache = await kept();
  const found = await cache.match(request, { ignoreSearch: true });
  if (found && !isNews) return isolated(found);
  try {
    const response = await fetch(request, isNews ? { cache: "no-cache" } : {});
    if (response.ok && !isNews) event.waitUntil(keep(cache, request, response.clone()));
    return isolated(response);
  } catch (error) {
    if (found) return isolated(found);
    throw error;
  }
}

/** Keeps a response; where there is no room, what was loaded works all the same. */
async function keep(cache: Cache, request: Request, response: Response): Promise<void> {
  const put = cache.put(request, response).catch(() => void (hasFailed = true));
  keeping.add(put);
  await put;
  keeping.delete(put);
}

/** With the headers that let a page share memory between threads, whatever server it came from. */
function isolated(response: Response): Response {
  if (response.status === 0 || response.status === 304) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
