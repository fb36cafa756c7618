// Writes dist/docs.json, the text that `segkit doc NAME` shows: the signatures and docstrings of all that the package
// exports, read from the declarations that the compiler has just written. So a terminal shows what an editor shows.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const entries = { segkit: "index.d.ts", "segkit/graph": "graph/index.d.ts", "segkit/nn": "nn/index.d.ts" };
const modules = new Map();

/** The declarations of a file by name, and the names that it passes on from other files. */
function moduleAt(file) {
  if (!modules.has(file)) modules.set(file, readModule(file));
  return modules.get(file);
}

function readModule(file) {
  const source = readFileSync(file, "utf8");
  const { program } = parse(source, { sourceType: "module", plugins: [["typescript", { dts: true }]] });
  const [declared, passedOn, everything] = [new Map(), new Map(), []];
  const elsewhere = (statement) => resolve(dirname(file), statement.source.value.replace(/\.ts$/, ".d.ts"));
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration" && statement.source.value.startsWith("."))
      for (const { local, imported } of statement.specifiers)
        if (imported) passedOn.set(local.name, { file: elsewhere(statement), name: imported.name });
    if (statement.type === "ExportAllDeclaration") everything.push(elsewhere(statement));
    if (statement.type === "ExportNamedDeclaration" && statement.source)
      for (const { local, exported } of statement.specifiers)
        passedOn.set(exported.name, { file: elsewhere(statement), name: local.name });
    const declaration = statement.declaration ?? statement;
    for (const name of namesOf(declaration)) {
      const found = { node: declaration, statement, source, file };
      declared.set(name, [...(declared.get(name) ?? []), found]);
    }
  }
  return { declared, passedOn, everything };
}

function namesOf(node) {
  if (node.id) return [node.id.name];
  return node.type === "VariableDeclaration" ? node.declarations.map(({ id }) => id.name) : [];
}

function declarationsOf(file, name) {
  const { declared, passedOn, everything } = moduleAt(file);
  if (declared.has(name)) return declared.get(name);
  const from = passedOn.get(name);
  if (from) return declarationsOf(from.file, from.name);
  for (const other of everything) {
    const found = declarationsOf(other, name);
    if (found) return found;
  }
  return undefined;
}

function exportsOf(file) {
  const { passedOn, declared, everything } = moduleAt(file);
  return [...passedOn.keys(), ...declared.keys(), ...everything.flatMap(exportsOf)];
}

/** The docstring before a node, without its stars. */
function textBefore({ leadingComments }) {
  const comment = leadingComments?.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"));
  if (!comment) return "";
  const lines = comment.value.slice(1).split("\n");
  return lines
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join("\n")
    .trim();
}

function signatureOf({ node, source }) {
  const end = node.type === "ClassDeclaration" ? node.body.start : node.end;
  const text = source
    .slice(node.start, end)
    .replaceAll(/\/\*\*[\s\S]*?\*\/\s*/g, "")
    .replace(/^declare /, "");
  return text.trim().replace(/;$/, "");
}

function membersOf({ node, source, file }) {
  const body = node.body?.body ?? [];
  const own = body
    .filter((member) => member.key?.type === "Identifier" && member.accessibility !== "private")
    .map((member) => ({
      name: member.key.name,
      signature: source.slice(member.start, member.end).replace(/;$/, ""),
      text: textBefore(member),
    }));
  const base = node.superClass?.type === "Identifier" ? declarationsOf(file, node.superClass.name)?.[0] : undefined;
  const inherited = base ? membersOf(base).filter(({ name }) => !own.some((member) => member.name === name)) : [];
  return [...own, ...inherited];
}

const docs = [];
for (const [from, entry] of Object.entries(entries)) {
  const file = resolve(dist, entry);
  for (const name of new Set(exportsOf(file))) {
    const found = declarationsOf(file, name);
    if (!found) throw new Error(`doc-index: ${entry} exports ${name}, but no declaration of it was found`);
    docs.push({
      ...{ name, from, file: `src/${relative(dist, found[0].file).replace(/\.d\.ts$/, ".ts")}` },
      signature: found.map(signatureOf).join("\n"),
      text: found.map(({ statement }) => textBefore(statement)).find(Boolean) ?? "",
      members: found.flatMap(membersOf),
    });
  }
}
writeFileSync(resolve(dist, "docs.json"), JSON.stringify(docs, null, 1) + "\n");
