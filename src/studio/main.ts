/** @file The page of `segkit demo`. */
import { find } from "./dom.ts";
import { keepForOffline, readSite } from "./offline.ts";
import { mountPredict } from "./predict/predict-view.ts";
import { showError } from "./say.ts";
import { showViews } from "./tabs.ts";

async function start(): Promise<void> {
  const site = await readSite();
  document.title = `${site.name} – segkit`;
  find(document, "#name").textContent = site.name;
  await keepForOffline(site);
  await showViews([
    { name: "predict", mount: (section) => mountPredict(section, site) },
    { name: "train", mount: async (section) => (await import("./training/training-view.ts")).mountTraining(section) },
  ]);
}

start().catch(showError);
