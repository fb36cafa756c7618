/** @file What a server answers that does not predict: to whom, with which status, and that it goes on. */
import { connect } from "node:net";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { ResourceError } from "../src/util/errors.ts";
import { allOnes, fakeModel, gatedModel, listening, post, problemIn, ready } from "./support/server.ts";

let png: Buffer<ArrayBuffer>;
const open = async () => fakeModel();
const asJson = { Accept: "application/json" };

beforeAll(async () => {
  const background = { r: 10, g: 20, b: 30 };
  png = Buffer.from(
    await sharp({ create: { width: 8, height: 6, channels: 3, background } })
      .png()
      .toBuffer(),
  );
});

/** Waits until something holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a request that is not as it should be", () => {
  test("400: query, form", async () => {
    const { url } = await ready(open);
    const to = (query: string): Promise<Response> =>
      fetch(`${url}/predict?${query}`, { method: "POST", body: png, headers: { "Content-Type": "image/png" } });
    expect(await problemIn(await to("url=http://127.0.0.1/x.png"))).toBe(
      '400 bad-request: the query is wrong: Unrecognized key: "url"',
    );
    expect(await problemIn(await to("opacity=2"))).toMatch(/^400 bad-request: the query is wrong: opacity: Too big/);
    const form = (fields: Record<string, string | Blob>): Promise<Response> => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      return fetch(`${url}/predict`, { method: "POST", body });
    };
    const notOne = "400 bad-request: the form does not hold one file and nothing else";
    expect(await problemIn(await form({ path: "/etc/passwd" }))).toBe(notOne);
    expect(await problemIn(await form({}))).toBe(notOne);
    expect(await problemIn(await form({ a: new Blob([png]), b: new Blob([png]) }))).toBe(notOne);
    expect((await form({ any: new Blob([png]) })).status).toBe(200);
    const broken = await post(url, "no form", { "Content-Type": "multipart/form-data; boundary=x" });
    expect(await problemIn(broken)).toBe("400 bad-request: the form cannot be read");
  });

  test("401: the token is asked for everywhere but for the health of the server", async () => {
    const token = "a token of many characters".replaceAll(" ", "-");
    const { url } = await ready(open, { token });
    const wrong = [undefined, "Bearer", "Bearer wrong", `Basic ${token}`, token, `Bearer ${token}x`];
    for (const Authorization of wrong) {
      const response = await post(url, png, Authorization === undefined ? {} : { Authorization });
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await problemIn(response)).toMatch(/^401 unauthorized: /);
    }
    for (const path of ["/metrics", "/openapi.json", "/nothing"])
      expect((await fetch(url + path)).status, path).toBe(401);
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(url + path)).status, path).toBe(200);
    const headers = { Authorization: `Bearer ${token}` };
    expect((await post(url, png, headers)).status).toBe(200);
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
  });

  test("404, 405, 406, 415", async () => {
    const { url } = await ready(open);
    expect(await problemIn(await fetch(`${url}/../etc/passwd`))).toMatch(/^404 not-found: /);
    const got = await fetch(`${url}/predict`);
    expect(got.headers.get("allow")).toBe("POST");
    expect(await problemIn(got)).toBe("405 method-not-allowed: /predict takes POST");
    expect(await problemIn(await fetch(`${url}/healthz`, { method: "DELETE" }))).toMatch(/^405 /);
    expect((await fetch(`${url}/healthz`, { method: "HEAD" })).status).toBe(200);
    for (const Accept of ["text/html", "image/png;q=0, application/*;q=0, image/jpeg;q=0", "image/webp"])
      expect(await problemIn(await post(url, png, { Accept })), Accept).toMatch(/^406 not-acceptable: /);
    for (const type of ["text/plain", "image/svg+xml", "application/json", ""]) {
      const response = await post(url, png, { "Content-Type": type });
      expect(response.headers.get("accept")).toContain("image/jpeg");
      expect(await problemIn(response), type).toMatch(/^415 unsupported-media-type: /);
    }
    expect(await problemIn(await post(url, png, { "Content-Encoding": "gzip" }))).toMatch(/^415 /);
  });

  test("413: bytes, known before or found out while they come; pixels", async () => {
    const { url } = await ready(open, { limits: { bytes: 1000, pixels: 48 } });
    const tooLarge = "413 body-too-large: the limit is 1000 bytes";
    expect(await problemIn(await post(url, Buffer.alloc(1001)))).toBe(tooLarge);
    const parts = async function* (): AsyncGenerator<Buffer> {
      for (let i = 0; i < 11; i++) yield Buffer.alloc(100);
    };
    const init = { method: "POST", body: parts(), duplex: "half", headers: { "Content-Type": "image/png" } };
    expect(await problemIn(await fetch(`${url}/predict`, init as unknown as RequestInit))).toBe(tooLarge);
    expect((await post(url, png)).status).toBe(200);
    const more = await sharp(png).resize(7, 7, { fit: "fill" }).png().toBuffer();
    expect(await problemIn(await post(url, Buffer.from(more)))).toBe(
      "413 picture-too-large: it is 7×7, the limit is 48",
    );
  });
});

describe("421: DNS rebinding", () => {
  const answer = async (url: string, host: string): Promise<string> => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${url}/openapi.json`, { headers: { Host: host } }, resolve)
        .on("error", reject)
        .end();
    });
    const { code = "answered" } = (await json(response)) as { code?: string };
    return `${response.statusCode} ${code}`;
  };
  const own = ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "segkit.localhost", "[::1]:8000", "192.168.1.2"];
  const foreign = ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example"];

  test("a server of this machine alone answers to localhost and numeric addresses", async () => {
    const { url } = await ready(open);
    for (const host of own) expect(await answer(url, host), host).toBe("200 answered");
    for (const host of foreign) expect(await answer(url, host), host).toBe("421 wrong-host");
  });

  test("and to names that it is told", async () => {
    const { url } = await ready(open, { allowedHosts: ["Masks.example"] });
    expect(await answer(url, "masks.example:443")).toBe("200 answered");
    expect(await answer(url, "evil.example")).toBe("421 wrong-host");
  });

  test("with a token, or for other machines, to any name", async () => {
    const { url } = await ready(open, { token: "0123456789abcdef" });
    expect(await answer(url, "evil.example")).toBe("401 unauthorized");
    const { url: all } = await ready(open, { host: "0.0.0.0" });
    expect(await answer(all, "evil.example")).toBe("200 answered");
  });
});

test("408: a body that does not come", async () => {
  const { url } = await ready(open, { limits: { milliseconds: 200 } });
  const answer = await new Promise<string>((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.on("close", () => resolve(text)).on("error", () => {});
    socket.write(
      "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\nabc",
    );
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('"code":"upload-too-slow","detail":"the body was not there within 0.2 s"');
  expect((await post(url, png)).status).toBe(200);
});

test("a body that breaks off is no fault of the server", async () => {
  const faults: unknown[] = [];
  const statuses: number[] = [];
  const { url } = await ready(open, {
    onFault: (error) => faults.push(error),
    onRequest: ({ route, status }) => route === "/predict" && statuses.push(status),
  });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  socket.write(
    "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\nabc",
  );
  const inside = async (n: number): Promise<boolean> =>
    (await (await fetch(`${url}/metrics`)).text()).includes(`segkit_requests_inside ${n}\n`);
  await until(() => inside(1));
  socket.resetAndDestroy();
  await until(() => inside(0));
  expect({ faults, statuses }).toEqual({ faults: [], statuses: [499] });
});

describe("a server that has too much to do", () => {
  test("429 where all places are taken, with the time to come again; those inside are answered", async () => {
    const model = gatedModel();
    const { url } = await ready(model.open, { limits: { queue: 5 } });
    const inside = Array.from({ length: 5 }, () => post(url, png, asJson));
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes("segkit_requests_inside 5\n"));
    const refused = await post(url, png);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await problemIn(refused)).toBe("429 busy: 5 requests are being worked on, which is the limit");
    // No more than three are decoded and predicted at a time.
    expect(model.asked()).toBe(3);
    model.openGate();
    expect((await Promise.all(inside)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await post(url, png)).status).toBe(200);
  });

  test("504 after the time limit; the place is free when the work is over, and what waited is not begun", async () => {
    const model = gatedModel();
    const { url } = await ready(model.open, { limits: { milliseconds: 150, queue: 4 } });
    const late = await Promise.all(Array.from({ length: 4 }, async () => problemIn(await post(url, png))));
    expect(late).toEqual(Array(4).fill("504 time-limit: there was no mask within 0.15 s"));
    expect(model.asked()).toBe(3);
    const text = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
    expect(await text()).toContain("segkit_requests_inside 3\n");
    model.openGate();
    await until(async () => (await text()).includes("segkit_requests_inside 0\n"));
    expect(model.asked()).toBe(3);
    expect((await post(url, png)).status).toBe(200);
  });

  test("a client that goes away while it waits costs no prediction", async () => {
    const model = gatedModel();
    const { url } = await ready(model.open);
    const gone = new AbortController();
    const working = Array.from({ length: 3 }, () => post(url, png));
    await until(() => model.asked() === 3);
    const text = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
    const waiting = fetch(`${url}/predict`, {
      ...{ method: "POST", body: png, signal: gone.signal },
      headers: { "Content-Type": "image/png" },
    });
    waiting.catch(() => {});
    await until(async () => (await text()).includes("segkit_requests_waiting 1\n"));
    gone.abort();
    await expect(waiting).rejects.toThrow(/abort/);
    await until(async () => (await text()).includes("segkit_requests_inside 3\n"));
    model.openGate();
    await Promise.all(working);
    expect(model.asked()).toBe(3);
  });
});

describe("a model that is not there", () => {
  test("503 until it is loaded; the server says that it runs", async () => {
    let load = (): void => {};
    const loaded = new Promise<void>((resolve) => (load = resolve));
    const { url, ready } = await listening(async () => (await loaded, fakeModel()));
    const response = await post(url, png);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await problemIn(response)).toBe("503 not-ready: the model is being loaded");
    expect(await problemIn(await fetch(`${url}/readyz`))).toMatch(/^503 not-ready/);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "running" });
    load();
    await ready;
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ready" });
    expect((await post(url, png)).status).toBe(200);
  });

  test("one that cannot be opened is an error of the start", async () => {
    const server = await listening(() => Promise.reject(new Error("no such weights")));
    await expect(server.ready).rejects.toThrow("no such weights");
    await server.close();
  });

  test("one that dies is opened again", async () => {
    let [opened, released] = [0, 0];
    const dying = async () => {
      const number = ++opened;
      let asked = 0;
      const model = fakeModel(async (image) => {
        if (number === 1 && asked++ > 0) throw new ResourceError("predictor: its thread died: out of memory");
        return allOnes(image);
      });
      return { ...model, release: async () => void released++ };
    };
    const failures: unknown[] = [];
    const { url } = await ready(dying, { onModelFailure: (error) => failures.push(error) });
    expect(await problemIn(await post(url, png))).toBe("503 not-ready: the model failed and is being loaded again");
    await until(async () => (await fetch(`${url}/readyz`)).ok);
    expect((await post(url, png)).status).toBe(200);
    expect({ opened, released, failures: failures.length }).toEqual({ opened: 2, released: 1, failures: 1 });
  });
});

test("500 says nothing of the fault but where the log has it", async () => {
  let asked = 0;
  const fault = new TypeError("x is not a function at /secret/file.ts:12");
  const open = async () => fakeModel((image) => (asked++ === 0 ? allOnes(image) : Promise.reject(fault)));
  const faults: [unknown, string][] = [];
  const { url } = await ready(open, { onFault: (error, id) => faults.push([error, id]) });
  const response = await post(url, png);
  expect(await problemIn(response)).toBe(`500 internal: the fault is in the server's log as ${faults[0]?.[1]}`);
  expect(faults).toEqual([[fault, expect.stringMatching(/^[\da-f-]{36}$/)]]);
});

describe("a graceful stop", () => {
  test("answers those inside, refuses those on open connections, and closes connections without requests", async () => {
    const model = gatedModel();
    const server = await ready(model.open);
    const { url } = server;
    const { hostname, port } = new URL(url);
    const silent = connect(Number(port), hostname);
    await new Promise((resolve) => silent.on("connect", resolve));
    const inside = Array.from({ length: 6 }, () => post(url, png, asJson));
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes("segkit_requests_inside 6\n"));
    let closed = false;
    const closing = server.close().then(() => (closed = true));
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(closed).toBe(false);
    model.openGate();
    for (const response of await Promise.all(inside)) {
      expect(response.status).toBe(200);
      expect(response.headers.get("connection")).toBe("close");
      expect(await response.json()).toMatchObject({ classes: [{ pixels: 0 }, { pixels: 48 }] });
    }
    await closing;
    await new Promise((resolve) => (silent.destroyed ? resolve(null) : silent.on("close", resolve).resume()));
    expect(model.asked()).toBe(6);
  });

  test("a request whose body is under way when it begins is answered, too", async () => {
    const server = await ready(open);
    const { url } = server;
    const { hostname, port } = new URL(url);
    const options = { hostname, port, path: "/predict", method: "POST" };
    const headers = { "Content-Type": "image/png", "Content-Length": png.length };
    const sending = request({ ...options, headers });
    const status = new Promise((resolve, reject) => {
      sending.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    });
    sending.write(png.subarray(0, 10));
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes("segkit_requests_inside 1\n"));
    const closing = server.close();
    sending.end(png.subarray(10));
    expect(await status).toBe(200);
    await closing;
  });
});
