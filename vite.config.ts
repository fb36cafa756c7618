/** @file Builds the page of `segkit demo`, src/studio, into dist/studio. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where ONNX Runtime's entries are, seen from the page's assets/. */
const ortPaths = Object.fromEntries(
  ["webgpu", "wasm"].map((build) => [`onnxruntime-web/${build}`, `../ort/ort.${build}.bundle.min.mjs`]),
);

/**
 * ONNX Runtime is not built into the page: its files lie beside it under ort/, where they find each other and their threads
 * load nothing else. Whoever serves the page takes them from the package onnxruntime-web.
 */
const external = Object.keys(ortPaths);

export default defineConfig({
  root: path("src/studio"),
  base: "./",
  build: {
    ...{ outDir: path("dist/studio"), emptyOutDir: true, target: "es2023", assetsInlineLimit: 0 },
    modulePreload: { polyfill: false },
    rolldownOptions: {
      external,
      checks: { bundlerTimings: false },
      input: { index: path("src/studio/index.html"), "service-worker": path("src/studio/service-worker.ts") },
      output: {
        paths: ortPaths,
        // A service worker is for what lies beside and below it.
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: {
      // What draws plots for a learner is not called in the page.
      ...{ external: [...external, "vega", "vega-lite"], checks: { bundlerTimings: false } },
      output: { paths: ortPaths },
    },
  },
});
