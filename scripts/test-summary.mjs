// Prints the closing line `N passed, N failed` from vitest's JSON report; fails when no test ran or one failed.
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests } = JSON.parse(
  readFileSync(new URL("../.cache/test-report.json", import.meta.url), "utf8"),
);
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exitCode = numFailedTests === 0 && numPassedTests > 0 ? 0 : 1;
