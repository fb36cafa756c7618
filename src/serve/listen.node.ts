import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError, messageOf } from "../util/errors.ts";

/** Where a server listens. */
export interface Place {
  /** An address of this machine. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/**
 * Lets a server listen, and gives its address, such as http://127.0.0.1:8000.
 * @param command what errors begin with.
 * @throws ConfigError where it cannot.
 */
export function listen(server: Server, { host, port }: Place, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      const reason = { EADDRINUSE: "the port is in use", EACCES: "permission denied" }[code] ?? messageOf(error);
      reject(
        new ConfigError(`${command}: cannot listen on port ${port} of ${host}: ${reason}`, {
          hint: "Choose another --port or --host; --port 0 takes a free port.",
          cause: error,
        }),
      );
    };
    server.once("error", fail);
    try {
      server.listen(port, host, () => {
        server.off("error", fail);
        resolve(urlOf(server));
      });
    } catch (error) {
      fail(error);
    }
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
