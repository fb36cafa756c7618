// Prints the bill of materials of what is installed with segkit, as CycloneDX: `npm run --silent sbom > sbom.json`.
//
// npm writes it from package-lock.json; what only developing takes is left out here, since npm's own --omit dev leaves out
// what both need, too.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { packagesIn } from "./packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const options = ["--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"];
const text = execFileSync("npm", ["sbom", ...options], { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
const { components, dependencies, ...rest } = JSON.parse(text);

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const wanted = new Set(packagesIn(lock).map(({ name, version }) => `${name}@${version}`));
const own = rest.metadata.component["bom-ref"];
// npm names it after the folder it lies in.
rest.metadata.component.name = lock.name;
const keeps = (ref) => ref === own || wanted.has(ref.replace(/\|.*$/, ""));

console.log(
  JSON.stringify(
    {
      ...rest,
      components: components.filter(({ "bom-ref": ref }) => keeps(ref)),
      dependencies: dependencies
        .filter(({ ref }) => keeps(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(keeps) })),
    },
    null,
    2,
  ),
);
