/** @file The page of `segkit demo` in Chromium: pictures, keyboard, screen reader, telephone, camera, no network. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { encode, decode } from "fast-png";
import type { Browser, FileChooser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RgbImage } from "../src/data/image.ts";
import { loadPredictor, type Segmentation } from "../src/inference/index.node.ts";
import type { Files } from "../src/serve/demo/page-files.node.ts";
import { serveSite, type SiteServer } from "../src/serve/demo/site-server.node.ts";
import { demoSite } from "../src/serve/demo/site.node.ts";
import { Random } from "../src/util/random.ts";
import { chromium } from "./support/browser.ts";
import { scene } from "./support/dataset.ts";
import { demoCard, demoModel } from "./support/demo.ts";
import { launch, open, type Opened, where } from "./support/playwright.ts";

const picture = scene(70, 90, 4, new Random(2)).image;
const png = (image: RgbImage): Buffer<ArrayBuffer> => Buffer.from(encode({ ...image, channels: 3, depth: 8 }));
const file = { name: "my scene.png", mimeType: "image/png", buffer: png(picture) };

/** A folder of files on a server that knows nothing of isolation, below a path of its own. */
async function plainServer(site: Files): Promise<{ url: string; close: () => void }> {
  const types: Record<string, string> = {
    html: "text/html",
    js: "text/javascript",
    mjs: "text/javascript",
    css: "text/css",
    wasm: "application/wasm",
    svg: "image/svg+xml",
    jpg: "image/jpeg",
    json: "application/json",
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://host").pathname.replace(/^\/some\/where\//, "") || "index.html";
    const bytes = site.get(path);
    if (!bytes) return void response.writeHead(404).end();
    response.setHeader("Content-Type", types[path.split(".").at(-1)!] ?? "application/octet-stream").end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/some/where/`, close: () => void server.close() };
}

describe.skipIf(!chromium)(`the page of segkit demo ${where}`, () => {
  let browser: Browser;
  let site: Files;
  let server: SiteServer;
  let expected: Segmentation;
  /** A desktop's page, which most tests go on with. */
  let shared: Opened;

  beforeAll(async () => {
    const model = await demoModel();
    const pictures = [1, 2].map((i) => ({ name: `scene ${i}`, bytes: png(scene(48, 64, 4, new Random(i)).image) }));
    site = await demoSite({ name: "streets", model, pictures });
    server = await serveSite(site, { host: "127.0.0.1", port: 0 });
    const predictor = await loadPredictor(model, { threads: 1 });
    expected = await predictor.predict(picture);
    await predictor.release();
    browser = await launch(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);
    shared = await open(browser, server.url);
    await ready(shared.page);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const ready = (page: Page): Promise<unknown> => page.locator(".headline").waitFor();
  /** Waits for the mask of a picture of a size. */
  const predicted = (page: Page, size: string): Promise<unknown> =>
    page.getByText(new RegExp(`^for (each frame of )?${size} pixels$`)).waitFor();
  const overflow = (page: Page): Promise<number> =>
    page.evaluate("document.documentElement.scrollWidth - innerWidth") as Promise<number>;

  /** The share of pixels of the mask that the page saves whose ids are Node's. */
  async function sameAsNode(page: Page): Promise<number> {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(".save-mask")]);
    expect(download.suggestedFilename()).toBe("my-scene-mask.png");
    const { data, width, height, palette } = decode(await readFile(await download.path()));
    expect([width, height]).toEqual([90, 70]);
    expect(palette?.slice(0, 4)).toEqual(demoCard.palette);
    return [...data].filter((id, i) => id === expected.data[i]).length / expected.data.length;
  }

  /** Drops a file anywhere on the page, or pastes it. */
  async function give(page: Page, { name, mimeType, buffer }: typeof file, how: "drop" | "paste"): Promise<void> {
    await page.evaluate(`(() => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(${JSON.stringify(buffer.toString("base64"))}), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], ${JSON.stringify(name)}, { type: ${JSON.stringify(mimeType)} }));
      const options = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
      document.body.dispatchEvent(new ${{ drop: "DragEvent", paste: "ClipboardEvent" }[how]}("${how}", options));
    })()`);
  }
  const drop = (page: Page, picture: typeof file): Promise<void> => give(page, picture, "drop");

  test("a dropped picture gets the mask, the shares and a time; the ids are Node's", async () => {
    const { page, said, asked } = shared;
    await drop(page, file);
    await predicted(page, "90 × 70");
    expect(await page.title()).toBe("streets – segkit");
    expect(await page.locator("#about").innerText()).toBe("4 classes, trained at 48 × 64");
    expect(await page.locator(".time").innerText()).toMatch(/^\d+(\.\d)? m?s$/);
    expect(await page.locator(".size").innerText()).toBe("for 90 × 70 pixels");
    expect(await page.locator(".device").innerText()).toMatch(/^WebAssembly, \d+ threads?$/);
    expect(await page.locator(".reason").innerText()).toBe("Not on the GPU: there is no GPU that WebGPU can use.");

    const rows = await page.locator(".legend li").allInnerTexts();
    const shown = rows.map((row) => row.split("\n").map((word) => word.trim()));
    expect(shown.map(([name]) => name).slice(0, expected.classes.length)).toEqual(
      expected.classes.map(({ name }) => name),
    );
    expect(parseFloat(shown[0]![1]!)).toBeCloseTo(100 * expected.classes[0]!.share, 0);

    expect(await sameAsNode(page)).toBeGreaterThanOrEqual(0.9999);
    const [overlay] = await Promise.all([page.waitForEvent("download"), page.click(".save-overlay")]);
    expect(decode(await readFile(await overlay.path()))).toMatchObject({ width: 90, height: 70 });
    expect(said).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([]);
  });

  test("a pasted picture too; one of very many pixels is made smaller", async () => {
    const { page, said } = shared;
    await give(page, { ...file, buffer: png(scene(40, 30, 4, new Random(5)).image) }, "paste");
    await predicted(page, "30 × 40");
    const [width, height] = [4000, 2500];
    await give(page, { ...file, buffer: png({ data: new Uint8Array(3 * width * height), width, height }) }, "paste");
    await predicted(page, "3578 × 2236");
    expect(said).toEqual([]);
  });

  test("the mask lies over the picture in the classes' colours, as strong as asked; a class can be seen alone", async () => {
    const { page } = shared;
    await page.getByRole("button", { name: "scene 1" }).click();
    await predicted(page, "64 × 48");
    const colours = `(() => {
      const copy = new OffscreenCanvas(64, 48).getContext("2d", { willReadFrequently: true });
      copy.drawImage(document.querySelector("canvas.mask"), 0, 0);
      const { data } = copy.getImageData(0, 0, 64, 48);
      return [...new Set(new Uint32Array(data.buffer))].map((word) => [...new Uint8Array(Uint32Array.of(word).buffer)].join());
    })()`;
    const known = demoCard.palette.map((colour) => `${colour.join()},255`);
    const seen = await page.evaluate<string[]>(colours);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter((colour) => !known.includes(colour))).toEqual([]);
    const [first] = await page.locator(".legend .class").allInnerTexts();
    await page.locator(".legend button").first().click();
    const alone = await page.evaluate<string[]>(colours);
    expect(alone.filter((colour) => colour.endsWith(",255"))).toEqual([known[demoCard.classes.indexOf(first!)]]);
    await page.locator(".legend button").first().click();
    expect(await page.evaluate(colours)).toEqual(seen);
    await page.locator("input[type=range]").fill("20");
    expect(await page.evaluate(`document.querySelector("canvas.mask").style.opacity`)).toBe("0.2");
    await page.locator(".layers").hover();
    expect(demoCard.classes).toContain(await page.locator(".pointed").innerText());
  });

  test("everything is done with the keyboard", async () => {
    const { page } = await open(browser, server.url);
    const chosen = new Promise<FileChooser>((resolve) => page.once("filechooser", resolve));
    await ready(page);
    // Past the tabs, of which the chosen one has the focus.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await (await chosen).setFiles(file);
    await predicted(page, "90 × 70");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Choose picture");
    const names: string[] = [];
    const focused = `(() => { const it = document.activeElement; return it.getAttribute("aria-label") ?? it.querySelector(".class, img")?.textContent ?? it.textContent; })()`;
    const outlined = `getComputedStyle(document.activeElement).outlineStyle`;
    for (let i = 0; i < 20 && names.at(-1) !== "car"; i++) {
      await page.keyboard.press("Tab");
      names.push(await page.evaluate<string>(focused));
      expect(await page.evaluate(outlined), names.at(-1)).toBe("solid");
    }
    expect(names).toEqual(expect.arrayContaining(["Start camera", "Strength of the colours", "Save mask", "car"]));
    await page.keyboard.press("Space");
    expect(await page.locator(".legend button[aria-pressed=true] .class").innerText()).toBe("car");
    await page.locator("input[type=range]").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(`document.querySelector("canvas.mask").style.opacity`)).toBe("0.01");
    await page.context().close();
  });

  test("is read out: roles and names, and what was found", async () => {
    const { page } = await open(browser, server.url);
    await page.getByText("Works offline from now on.").waitFor();
    await page.locator("input.file").setInputFiles(file);
    await predicted(page, "90 × 70");
    const [best] = expected.classes;
    const announced = await page.locator("[aria-live=polite]").textContent();
    expect(announced).toMatch(new RegExp(`^${best!.name} [\\d.]+ %.*, in [\\d.]+ m?s\\.$`));
    expect(await page.getByRole("img", { name: "my scene.png" }).count()).toBe(1);
    const snapshot = await page.locator("body").ariaSnapshot();
    expect(
      snapshot
        .replaceAll(/[\d.]+ m?s\b/g, "N ms")
        .replaceAll(/(?:< )?[\d.]+ %/g, "N %")
        .replaceAll(/\d threads?/g, "N threads"),
    ).toMatchInlineSnapshot(`
      "- banner:
        - heading "streets" [level=1]
        - paragraph: 4 classes, trained at 48 × 64
        - tablist "What to do":
          - tab "Predict" [selected]
          - tab "Train"
      - main:
        - tabpanel "Predict":
          - figure:
            - img "my scene.png"
          - button "Choose picture"
          - button "Start camera"
          - text: Colours
          - slider "Strength of the colours": "55"
          - button "Save mask"
          - button "Save overlay"
          - group "Pictures to try":
            - button "scene 1":
              - img "scene 1"
            - button "scene 2":
              - img "scene 2"
          - complementary:
            - group "State":
              - paragraph:
                - strong: N ms
                - text: for 90 × 70 pixels
              - term: Runs on
              - definition: WebAssembly, N threads
              - paragraph: "Not on the GPU: there is no GPU that WebGPU can use."
            - heading "Classes" [level=2]
            - list "Classes":
              - listitem:
                - button "void N %"
              - listitem:
                - button "sky N %"
              - listitem:
                - button "road –"
              - listitem:
                - button "car –"
            - paragraph: Choose a class to see it alone.
      - contentinfo: No picture leaves this device. Works offline from now on.
      - alert
      - paragraph: void N %, sky N %, in N ms."
    `);
    await page.context().close();
  });

  test("fits a telephone of 360 pixels, light and dark", async () => {
    const { page, said } = await open(browser, server.url, {
      ...{ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
    });
    await ready(page);
    expect(await overflow(page)).toBe(0);
    await page.getByRole("button", { name: "scene 1" }).tap();
    await predicted(page, "64 × 48");
    expect(await overflow(page)).toBe(0);
    const small = `[...document.querySelectorAll("button")].filter((it) => it.offsetParent && it.offsetHeight < 32)`;
    expect(await page.evaluate(`${small}.length`)).toBe(0);
    const background = "getComputedStyle(document.body).backgroundColor";
    expect(await page.evaluate(background)).toBe("rgb(244, 246, 248)");
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate(background)).toBe("rgb(15, 18, 21)");
    expect(said).toEqual([]);
    await page.context().close();
  });

  test("works without a network after it was loaded once, and shows the next model at the same address", async () => {
    const first = await serveSite(site, { host: "127.0.0.1", port: 0 });
    const { page, said } = await open(browser, first.url);
    await page.getByText("Works offline from now on.").waitFor();
    await first.close();
    await page.context().setOffline(true);
    await page.reload();
    await ready(page);
    await page.getByRole("button", { name: "scene 1" }).click();
    await predicted(page, "64 × 48");
    expect(await page.locator("h1").innerText()).toBe("streets");
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    expect(said.filter((line) => !line.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);

    await page.context().setOffline(false);
    const next = await demoSite({ name: "another", model: await demoModel(2), pictures: [] });
    const second = await serveSite(next, { host: "127.0.0.1", port: Number(new URL(first.url).port) });
    await page.reload();
    await ready(page);
    expect(await page.locator("h1").innerText()).toBe("another");
    await drop(page, file);
    await predicted(page, "90 × 70");
    expect(await sameAsNode(page)).toBeLessThan(0.99);
    expect(await page.evaluate("caches.keys().then((names) => names.length)")).toBe(1);
    await page.context().close();
    await second.close();
  });

  test("has threads on any web server, below any path", async () => {
    const plain = await plainServer(site);
    const { page, said } = await open(browser, plain.url);
    await ready(page);
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    await drop(page, file);
    await predicted(page, "90 × 70");
    expect(said).toEqual([]);
    await page.context().close();
    plain.close();
  });

  test("says why there is one thread where the page is not isolated", async () => {
    const plain = await plainServer(site);
    const { page } = await open(browser, `${plain.url}?backend=wasm`, { serviceWorkers: "block" });
    await ready(page);
    expect(await page.locator(".device").innerText()).toBe("WebAssembly, 1 thread");
    expect(await page.locator(".reason").innerText()).toMatch(/^One thread: /);
    expect(await page.locator("#offline").innerText()).toBe("");
    await page.context().close();
    plain.close();
  });

  test("the camera is looked at frame by frame until it is stopped", async () => {
    const { page, said } = shared;
    await page.getByRole("button", { name: "Start camera" }).click();
    await predicted(page, "640 × 480");
    expect(await page.locator(".size").innerText()).toBe("for each frame of 640 × 480 pixels");
    const frame = `document.querySelector("canvas.picture").toDataURL()`;
    const one = await page.evaluate<string>(frame);
    await expect.poll(() => page.evaluate<string>(frame), { timeout: 60_000 }).not.toBe(one);
    await page.getByRole("button", { name: "Stop camera" }).click();
    await page.getByRole("button", { name: "Start camera" }).waitFor();
    await drop(page, file);
    await predicted(page, "90 × 70");
    expect(said).toEqual([]);
  });

  test("says what is wrong with a file, and what to do about a camera that may not be used", async () => {
    const { page } = shared;
    await drop(page, { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("abc") });
    const alert = page.getByRole("alert");
    await alert.getByText("notes.txt is no picture that this browser can read.").waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Dismiss" }).press("Enter");
    expect(await alert.innerText()).toBe("");
    await page.evaluate(
      `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); }`,
    );
    await page.getByRole("button", { name: "Start camera" }).click();
    await alert.getByText("The camera cannot be started: it may not be used.").waitFor();
    expect(await page.getByRole("button", { name: "Start camera" }).getAttribute("aria-pressed")).toBe("false");
  });

  test("says that a model is damaged", async () => {
    const broken = await serveSite(
      new Map(site).set(
        "model.onnx",
        site.get("model.onnx")!.map(() => 7),
      ),
      { host: "127.0.0.1", port: 0 },
    );
    const { page } = await open(browser, broken.url);
    await page
      .getByRole("alert")
      .getByText(/^model: /)
      .waitFor();
    expect(await page.locator(".status").innerText()).toBe("The model cannot be loaded.");
    await page.context().close();
    await broken.close();
  });

  /** The site with a GPU that passes for one of hardware, and is lost when the page tells so. */
  function losingGpu(files: Files): Files {
    const worker = [...files.keys()].find((path) => path.startsWith("assets/predictor.worker-"));
    const prelude = `{
      const { requestDevice } = GPUAdapter.prototype, devices = [];
      Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { value: false });
      GPUAdapter.prototype.requestDevice = async function (...all) {
        const device = await requestDevice.apply(this, all);
        devices.push(device);
        return device;
      };
      new BroadcastChannel("gpu").onmessage = () => devices.forEach((device) => device.destroy());
    }`;
    return new Map(files).set(worker!, Buffer.concat([Buffer.from(prelude), files.get(worker!)!]));
  }

  test("takes a GPU, but none that is played in software, and goes on with WebAssembly where it fails: with Node's ids", async () => {
    const lost = await serveSite(losingGpu(site), { host: "127.0.0.1", port: 0 });
    const other = await launch(["--enable-unsafe-webgpu", "--disable-gpu-sandbox"]);
    const { page } = await open(other, server.url);
    await ready(page);
    expect(await page.locator(".reason").innerText()).toBe("Not on the GPU: the browser plays its GPU in software.");
    page.setDefaultTimeout(200_000);
    await page.goto(lost.url);
    await ready(page);
    expect(await page.locator(".device").innerText()).toBe("GPU (WebGPU)");
    await drop(page, file);
    await predicted(page, "90 × 70");
    expect(await sameAsNode(page)).toBeGreaterThanOrEqual(0.9999);
    await page.evaluate(`new BroadcastChannel("gpu").postMessage("lose it")`);
    await drop(page, file);
    await page.locator(".reason", { hasText: "the GPU failed" }).waitFor();
    await predicted(page, "90 × 70");
    expect(await page.locator(".device").innerText()).toMatch(/^WebAssembly, \d+ threads?$/);
    expect(await page.locator(".reason").innerText()).toMatch(/^Not on the GPU: the GPU failed: .+\.$/);
    expect(await sameAsNode(page)).toBeGreaterThanOrEqual(0.9999);
    await other.close();
    await lost.close();
  }, 300_000);
});
