// Prints the closing line `N passed, N failed` from vitest's JSON report; fails when no test ran or one failed.
import { existsSync, readFileSync } from "node:fs";

const report = new URL("../.cache/test-report.json", import.meta.url);
// Without a report, a step before the tests has failed and said why.
const { numPassedTests, numFailedTests } = existsSync(report)
  ? JSON.parse(readFileSync(report, "utf8"))
  : { numPassedTests: 0, numFailedTests: 1 };
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exitCode = numFailedTests === 0 && numPassedTests > 0 ? 0 : 1;
