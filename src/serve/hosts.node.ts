import { isIP } from "node:net";

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/**
 * A check of Host headers against DNS rebinding: a page of another site that lets its own name point to this machine asks under
 * that name. Numeric addresses and localhost are nobody's to point elsewhere, so they always pass, as do `names`.
 */
export function hostCheck(names: readonly string[]): (header: string | undefined) => boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (header) => {
    const name = hostnameOf(header ?? "");
    return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || known.has(name);
  };
}

/** The name of a Host header, without its port and brackets; empty where it is none. */
function hostnameOf(header: string): string {
  const url = `http://${header}`;
  return URL.canParse(url) ? new URL(url).hostname.replaceAll(/^\[|\]$/g, "") : "";
}
