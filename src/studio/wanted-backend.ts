import type { WebBackendName } from "../runtime/file-backend.web.ts";

const backends: readonly WebBackendName[] = ["auto", "webgpu", "wasm"];

/** What the page's address asks for, as in `?backend=wasm`. */
export function wantedBackend(): WebBackendName {
  const wanted = new URLSearchParams(location.search).get("backend");
  return backends.find((name) => name === wanted) ?? "auto";
}
