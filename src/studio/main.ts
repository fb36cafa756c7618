/** @file The page of `segkit demo`. */
import { messageOf } from "../util/errors.ts";
import { find } from "./dom.ts";
import { keepForOffline, readSite } from "./offline.ts";
import { mountPredict } from "./predict/predict-view.ts";
import { showError } from "./say.ts";
import { showViews } from "./tabs.ts";

async function start(): Promise<void> {
  const site = await readSite();
  document.title = `${site.name} – segkit`;
  find(document, "#name").textContent = site.name;
  const isKept = await keepForOffline(site);
  await showViews([{ name: "predict", mount: (section) => mountPredict(section, site, isKept) }]);
}

start().catch((error: unknown) => showError({ message: `The page cannot start: ${messageOf(error)}` }));
