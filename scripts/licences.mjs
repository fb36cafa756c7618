// Lists the packages that are installed with segkit and their licences, from package-lock.json: `npm run licences`.
// test/supply.test.ts says which licences are fine.
import { readFileSync } from "node:fs";
import { packagesIn } from "./packages.mjs";

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const packages = packagesIn(lock);
const counts = new Map();
for (const { license } of packages) counts.set(license, (counts.get(license) ?? 0) + 1);

console.log("| package | version | licence |\n| --- | --- | --- |");
for (const { name, version, license, optional } of packages)
  console.log(`| ${name}${optional ? " (where it fits the machine)" : ""} | ${version} | ${license} |`);
console.log(`\n${packages.length} packages: ${[...counts].map(([license, n]) => `${n} ${license}`).join(", ")}`);
