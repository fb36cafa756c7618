import type { SiteInfo } from "../serve/demo/site-info.ts";

/** How long the page waits for its service worker before it goes on without. */
const patience = 10_000;

/** Set while the page is loaded once more to become isolated, so that it is not tried for ever. */
const reloaded = "segkit-reloaded";

/** Whether all that is loaded goes through the service worker. */
let isKeeping = false;

/** What the page says of itself, newest first, from what was kept where there is no network. */
export async function readSite(): Promise<SiteInfo> {
  const response = await fetch("site.json");
  if (!response.ok) throw new Error(`site.json: ${response.status} ${response.statusText}`);
  return (await response.json()) as SiteInfo;
}

/**
 * Lets a service worker stand between page and network, which keeps all that the page loads from now on. A page that its
 * server did not isolate is loaded once more, since the service worker does so. Where there can be none, it goes on without.
 */
export async function keepForOffline({ version }: SiteInfo): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(`service-worker.js?v=${version}`);
    await within(patience, activated(registration, version));
  } catch {
    return;
  }
  isKeeping = true;
  if (crossOriginIsolated || sessionStorage.getItem(reloaded) !== null) return;
  sessionStorage.setItem(reloaded, "yes");
  location.reload();
  await new Promise(() => {});
}

/** Resolves when all that was loaded so far is kept, to whether it is. */
export async function whenKept(): Promise<boolean> {
  const worker = isKeeping ? navigator.serviceWorker.controller : null;
  if (!worker) return false;
  const { port1, port2 } = new MessageChannel();
  worker.postMessage("kept?", [port2]);
  return new Promise((resolve) => {
    port1.addEventListener("message", ({ data }) => resolve(data === true), { once: true });
    port1.start();
  });
}

/** Waits until the page is controlled by the service worker of a version. */
async function activated(registration: ServiceWorkerRegistration, version: string): Promise<void> {
  const isControlled = (): boolean => navigator.serviceWorker.controller?.scriptURL.endsWith(`?v=${version}`) === true;
  await new Promise<void>((resolve, reject) => {
    const check = (): void => {
      if (isControlled()) resolve();
    };
    navigator.serviceWorker.addEventListener("controllerchange", check);
    const installing = registration.installing ?? registration.waiting;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "redundant") reject(new Error("the service worker could not be installed"));
    });
    check();
  });
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("too late")), milliseconds));
  return Promise.race([work, late]);
}
