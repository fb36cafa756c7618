import { afterEach } from "vitest";
import type { IdMask, RgbImage } from "../../src/data/image.ts";
import { distinctColours } from "../../src/data/palette.ts";
import type { OpenModel, ServedModel } from "../../src/serve/served-model.ts";
import { type PredictionServer, type ServeOptions, servePredictions } from "../../src/serve/server.node.ts";

const servers: PredictionServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A server on a free port, closed after the test. */
export async function listening(open: OpenModel, options: Partial<ServeOptions> = {}): Promise<PredictionServer> {
  const server = await servePredictions(open, { port: 0, version: "0.0.0", ...options });
  servers.push(server);
  return server;
}

/** A listening server whose model is loaded. */
export async function ready(open: OpenModel, options: Partial<ServeOptions> = {}): Promise<PredictionServer> {
  const server = await listening(open, options);
  await server.ready;
  return server;
}

/** A model that gives every pixel the class 1, or what `predict` says. */
export function fakeModel(predict: (image: RgbImage) => Promise<IdMask> = allOnes): ServedModel {
  const classes = ["sky", "road"];
  return { classes, palette: distinctColours(2), size: [4, 4], predict, release: async () => {} };
}

export async function allOnes({ height, width }: RgbImage): Promise<IdMask> {
  return { data: new Uint8Array(height * width).fill(1), height, width };
}

/** A model that predicts its first picture, which warms it up, at once, and the others when the gate is opened. */
export function gatedModel(): { open: OpenModel; openGate: () => void; asked: () => number } {
  let openGate = (): void => {};
  const gate = new Promise<void>((resolve) => (openGate = resolve));
  let asked = 0;
  const predict = async (image: RgbImage): Promise<IdMask> => {
    if (asked++ > 0) await gate;
    return allOnes(image);
  };
  return { open: async () => fakeModel(predict), openGate, asked: () => asked - 1 };
}

/** Sends a picture. */
export function post(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/predict`, { method: "POST", body, headers: { "Content-Type": "image/png", ...headers } });
}

/** The status, code and detail of a problem. Throws where a response is none. */
export async function problemIn(response: Response): Promise<string> {
  const type = response.headers.get("content-type");
  if (type !== "application/problem+json")
    throw new Error(`expected a problem, but received ${response.status} ${type}`);
  const { status, code, detail } = (await response.json()) as { status: number; code: string; detail: string };
  return `${response.status === status ? status : `${response.status}, not ${status}`} ${code}: ${detail}`;
}
