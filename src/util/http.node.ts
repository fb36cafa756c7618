import { CorruptFileError, messageOf, ResourceError } from "./errors.ts";
import type { PartFile, PartSource } from "./part-file.node.ts";

/** How the rest of a file is asked for. */
export interface Request {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds without a byte after which the connection counts as lost. */
  readonly stall: number;
  /** Length the file must have. */
  readonly bytes: number | undefined;
  /** Length it may have. */
  readonly limit: number;
  readonly onProgress: ((done: number, total: number | undefined) => void) | undefined;
}

/** A transfer that ended early or an answer that may be another one later: worth a further try. */
export class ConnectionLost extends Error {
  /** Milliseconds that the server wants to be left alone. */
  readonly retryAfter: number;

  constructor(message: string, { cause, retryAfter = 0 }: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, { cause });
    this.retryAfter = retryAfter;
  }
}

/** Aborts a connection over which nothing comes any more. */
class Watch {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    const controller = new AbortController();
    const stalled = (): void => controller.abort(new ConnectionLost(`nothing came for ${milliseconds / 1000} seconds`));
    this.#timer = setTimeout(stalled, milliseconds);
    this.signal = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
  }

  somethingCame(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** An answer that brings what is missing. */
export interface Answer {
  readonly response: Response;
  readonly watch: Watch;
}

/**
 * Asks for what is missing of a part; the part is begun anew where the server sends the whole file, or another one.
 * @returns undefined where nothing is missing.
 * @throws ConnectionLost, or a ResourceError where asking again is no use.
 */
export async function ask(part: PartFile, request: Request): Promise<Answer | undefined> {
  if (part.length > 0 && part.length === (part.source.total ?? request.bytes)) return undefined;
  const watch = new Watch(request.stall, request.signal);
  try {
    const response = await fetch(part.source.url, { headers: headersFor(part), signal: watch.signal }).catch(
      (error: unknown) => {
        throw lost(error, part.source.url);
      },
    );
    const whole = await judge(response, part, watch);
    if (!whole) return { response, watch };
    await response.body?.cancel();
    watch.stop();
    return undefined;
  } catch (error) {
    watch.stop();
    throw error;
  }
}

function headersFor({ length, source }: PartFile): Record<string, string> {
  const always = { "user-agent": "segkit", "accept-encoding": "identity" };
  if (length === 0) return always;
  // A weak tag does not promise equal bytes.
  const validator = source.etag?.startsWith("W/") === false ? source.etag : source.lastModified;
  return {
    ...always,
    range: `bytes=${length}-`,
    ...(validator === undefined ? {} : { "if-range": validator }),
  };
}

/** Decides what an answer means for a part; true where the part is already the whole file. */
async function judge(response: Response, part: PartFile, watch: Watch): Promise<boolean> {
  const { status, statusText, headers } = response;
  const { url } = part.source;
  watch.somethingCame();
  if (new URL(url).protocol === "https:" && new URL(response.url).protocol !== "https:")
    throw new ResourceError(`${url}: the server sends on to ${response.url}, which is not encrypted`);
  if (status === 200) await part.restart({ url, ...describedBy(response) });
  else if (status === 206 && !continues(response, part)) await anew(response, part);
  else if (status === 416) {
    if (/\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1] === String(part.length)) return true;
    await anew(response, part);
  } else if (status !== 206) {
    await response.body?.cancel();
    const text = `the server answered ${status} ${statusText}`.trimEnd();
    if (status >= 500 || [408, 425, 429].includes(status))
      throw new ConnectionLost(text, { retryAfter: retryAfterOf(headers) });
    throw new ResourceError(`${url}: ${text}`);
  }
  return false;
}

async function anew(response: Response, part: PartFile): Promise<never> {
  await response.body?.cancel();
  await part.restart({ url: part.source.url });
  throw new ConnectionLost("the file has changed at the server");
}

/** Whether an answer 206 brings the bytes after those of the part, of the same file. */
function continues(response: Response, { length, source }: PartFile): boolean {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "") ?? [];
  const { etag } = describedBy(response);
  const same = <T>(a: T | undefined, b: T | undefined): boolean => a === undefined || b === undefined || a === b;
  return (
    Number(first) === length && same(total === "*" ? undefined : Number(total), source.total) && same(etag, source.etag)
  );
}

function describedBy({ headers }: Response): Omit<PartSource, "url"> {
  const length = headers.get("content-length");
  // What fetch has unpacked is not as long as what was sent.
  const plain = (headers.get("content-encoding") ?? "identity") === "identity";
  return {
    etag: headers.get("etag") ?? undefined,
    lastModified: headers.get("last-modified") ?? undefined,
    total: plain && length !== null && /^\d+$/.test(length) ? Number(length) : undefined,
  };
}

function retryAfterOf(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 60) * 1000 : 0;
}

/**
 * Appends an answer to a part until the file is whole.
 * @throws ConnectionLost where it ends early; CorruptFileError where it is longer or shorter than it must be;
 * ResourceError where the disk is full.
 */
export async function transfer({ response, watch }: Answer, part: PartFile, request: Request): Promise<void> {
  const { bytes, limit, onProgress } = request;
  const { url, total } = part.source;
  try {
    if (total !== undefined) {
      requireLength(url, total, request);
      await part.requireRoom(total);
    }
    onProgress?.(part.length, total ?? bytes);
    for await (const chunk of bodyOf(response, url)) {
      watch.somethingCame();
      if (part.length + chunk.length > Math.min(limit, bytes ?? Infinity, total ?? Infinity))
        requireLength(url, part.length + chunk.length, { bytes: bytes ?? total, limit });
      await part.append(chunk);
      onProgress?.(part.length, total ?? bytes);
    }
  } finally {
    watch.stop();
    await response.body?.cancel().catch(() => {});
  }
  const expected = total ?? bytes ?? part.length;
  if (part.length < expected)
    throw new ConnectionLost(`the connection ended after ${part.length} of ${expected} bytes`);
}

function requireLength(url: string, length: number, { bytes, limit }: Pick<Request, "bytes" | "limit">): void {
  if (bytes !== undefined && length !== bytes)
    throw new CorruptFileError(`${url}: expected ${bytes} bytes, but the server sends ${length}`, {
      hint: "The file at that address has changed. Get the right one elsewhere, and give its path.",
    });
  if (length > limit)
    throw new CorruptFileError(`${url}: expected at most ${limit} bytes, but the server sends ${length}`, {
      hint: "Check the address.",
    });
}

async function* bodyOf({ body }: Response, url: string): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read().catch((error: unknown) => {
        throw lost(error, url);
      });
      if (!next || next.done) return;
      yield next.value as Uint8Array;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "the server does not answer",
  UND_ERR_CONNECT_TIMEOUT: "the server does not answer",
  ENETUNREACH: "there is no network",
  EAI_AGAIN: "its host could not be looked up",
  ENOTFOUND: "its host is not known, or there is no network",
};

/** What fetch throws, in words; certificates and names that are wrong stay wrong. */
function lost(error: unknown, url: string): Error {
  if (error instanceof ConnectionLost) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = reasons[code] ?? (messageOf(cause) || code);
  if (code === "ENOTFOUND" || /CERT|TLS|SSL|UNABLE_TO/.test(code))
    return new ResourceError(`${url}: ${reason}`, { cause: error });
  return new ConnectionLost(reason, { cause: error });
}
