import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  test: {
    projects: [
      // Unit tests leave nothing behind, so that files of one process share what they import.
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts"], isolate: false } },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"] } },
    ],
    // For what hangs; the longest takes a minute, and several where the machine has other work.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Two test files at a time, each with one computing thread: threads that outnumber the cores wait for each other.
    maxWorkers: 2,
    // The built command line, as Node itself loads it.
    server: { deps: { external: [/\/dist\//] } },
    env: { SEGKIT_THREADS: "1", ORT_DISABLE_TELEMETRY: "1" },
    reporters: ["default", ["json", { outputFile: ".cache/test-report.json" }]],
  },
});
