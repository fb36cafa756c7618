import { type Browser, type BrowserContextOptions, chromium as playwright, type Page } from "playwright-core";
import { chromium } from "./browser.ts";

/** What describes tests that need Chromium, and whether there is none. */
export const where = chromium ? "in Chromium" : "in Chromium (skipped: there is none here)";

/** Starts Chromium, without a GPU unless `args` say so. */
export function launch(args: readonly string[] = []): Promise<Browser> {
  return playwright.launch({ executablePath: chromium!, args: ["--no-sandbox", ...args] });
}

/** A page in a context of its own, what it said and what it asked for. */
export interface Opened {
  readonly page: Page;
  readonly said: string[];
  /** Addresses. */
  readonly asked: string[];
}

/** Opens an address. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const [said, asked]: [string[], string[]] = [[], []];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) asked.push(request.url());
  });
  await page.goto(url);
  return { page, said, asked };
}
