// Runs the tests on other versions of Node: `node scripts/test-nodes.mjs [20,22,24] [files …]`.
//
// The npm package `node` carries them, in a package for each system, which is unpacked into .cache/nodes and nothing else; its
// install scripts are not needed. Leaves with 1 where a test fails on one of them.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [versions = "20,22,24", ...files] = process.argv.slice(2);
const system = { win32: "win", linux: "linux", darwin: "darwin" }[process.platform] ?? process.platform;
const name = `node-${system}-${process.arch}`;

/** The path of a version's program, installed if it is not there yet. */
function programOf(version) {
  const folder = join(root, ".cache", "nodes", version);
  const program = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "private": true }\n`);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  execFileSync("npm", ["install", `${name}@${version}`, ...options], { cwd: folder, stdio: "inherit" });
  return program;
}

execFileSync("npm", ["run", "build"], { cwd: root, stdio: "inherit" });
const failed = [];
for (const version of versions.split(",")) {
  const program = programOf(version);
  console.log(`\nNode ${execFileSync(program, ["--version"], { encoding: "utf8" }).trim()}`);
  const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` };
  const { status } = spawnSync(program, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...files], {
    ...{ cwd: root, env, stdio: "inherit" },
  });
  if (status !== 0) failed.push(version);
}
console.log(failed.length === 0 ? `\nall tests pass on Node ${versions}` : `\ntests fail on Node ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
