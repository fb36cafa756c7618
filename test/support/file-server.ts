import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** How a server treats one request. Whatever is left out is as it should be. */
export interface Manners {
  /** Answers with this status and nothing else. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends that many bytes of the body, and breaks the connection when `arrived` is told that they have come. */
  readonly dropAfter?: number;
  /** Sends that many bytes of the body, then nothing more. */
  readonly hangAfter?: number;
  /** Says this as the length of the body. */
  readonly length?: number;
  /** Sends without a length, in chunks. */
  readonly chunked?: boolean;
  /** Ends the body properly after that many bytes. */
  readonly endAfter?: number;
  /** Sends the whole file whatever range is asked for. */
  readonly ignoreRange?: boolean;
}

export interface FileServer {
  /** Address without a slash at its end. */
  readonly url: string;
  /** What was asked for so far: path and range, such as "/a.bin" and "/a.bin bytes=4-". */
  readonly requests: readonly string[];
  /** Serves this from now on at every path. */
  serve(bytes: Uint8Array, etag?: string | null): void;
  /** To be told how much of the file the client has, for it may lose what has come when a connection breaks. */
  arrived(bytes: number): void;
  /** Manners of the next requests, one each; those after them are treated well. */
  next(...manners: Manners[]): void;
}

/** A server on this machine that serves one file, well or badly. It is closed after the test file. */
export async function fileServer(bytes: Uint8Array = new Uint8Array()): Promise<FileServer> {
  let file = { bytes, etag: '"1"' as string | null };
  const requests: string[] = [];
  const script: Manners[] = [];
  const toDrop = new Map<number, () => void>();
  const server = createServer((request, response) => {
    const { range } = request.headers;
    requests.push(range === undefined ? request.url! : `${request.url} ${range}`);
    answer(request, response, file, script.shift() ?? {}, toDrop);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    serve: (served, etag = '"1"') => void (file = { bytes: served, etag }),
    arrived: (bytes) => toDrop.get(bytes)?.(),
    next: (...manners) => void script.push(...manners),
  };
}

interface ServedFile {
  readonly bytes: Uint8Array;
  readonly etag: string | null;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile,
  manners: Manners,
  toDrop: Map<number, () => void>,
): void {
  const { status, headers = {}, dropAfter, hangAfter, endAfter, chunked = false } = manners;
  if (status !== undefined) return void response.writeHead(status, headers).end("not the file");
  const first = manners.ignoreRange === true ? 0 : firstByte(request, file);
  if (first >= file.bytes.length && first > 0)
    return void response.writeHead(416, { "content-range": `bytes */${file.bytes.length}` }).end();
  const body = file.bytes.subarray(first);
  response.writeHead(first > 0 ? 206 : 200, {
    ...(chunked ? {} : { "content-length": manners.length ?? body.length }),
    ...(file.etag === null ? {} : { etag: file.etag }),
    ...(first > 0 ? { "content-range": `bytes ${first}-${file.bytes.length - 1}/${file.bytes.length}` } : {}),
    ...headers,
  });
  const end = dropAfter ?? hangAfter ?? endAfter;
  if (end === undefined) return void response.end(body);
  if (dropAfter !== undefined) toDrop.set(first + dropAfter, () => request.socket.destroy());
  response.write(body.subarray(0, end), () => {
    if (endAfter !== undefined) response.end();
  });
}

/** The first byte asked for; 0 where the file has changed since. */
function firstByte({ headers }: IncomingMessage, { etag }: ServedFile): number {
  if (headers["if-range"] !== undefined && headers["if-range"] !== etag) return 0;
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
}
