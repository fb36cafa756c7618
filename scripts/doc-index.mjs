// Writes dist/docs.json, the text that `segkit doc NAME` shows: the signatures and docstrings of all that the package
// exports, read from the declarations that the compiler has just written. So a terminal shows what an editor shows.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const entries = {
  segkit: "index.d.ts",
  "segkit/graph": "graph/index.d.ts",
  "segkit/nn": "nn/index.d.ts",
  "segkit/inference": "inference/index.node.d.ts",
};
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

const undocumented = { text: "", example: "" };

/** The docstrings of all declarations or overloads of a name. */
function joined(docs) {
  const all = (part) => docs.map((doc) => doc[part]).filter((text) => text !== "");
  return { text: all("text").join("\n\n"), example: all("example").join("\n") };
}

/** The docstring before a node, without its stars: what it says, and the code of its example. */
function docBefore({ leadingComments }) {
  const comment = leadingComments?.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"));
  if (!comment) return undocumented;
  const lines = comment.value.slice(1).split("\n");
  const all = lines.map((line) => line.replace(/^\s*\*? ?/, "").trimEnd()).join("\n");
  const [text, ...examples] = all.split(/^@example\b[ \n]?/m).map((part) => part.trim());
  return { text, example: examples.join("\n\n") };
}

function signatureOf({ node, source }) {
  const end = node.type === "ClassDeclaration" ? node.body.start : node.end;
  const text = source
    .slice(node.start, end)
    .replaceAll(/\/\*\*[\s\S]*?\*\/\s*/g, "")
    .replace(/^declare /, "");
  return text.trim().replace(/;$/, "");
}

/** What a class or interface extends or implements, where that has a name of its own. */
function basesOf({ node, file }) {
  const named = [node.superClass, ...[node.implements, node.extends].flat().map((base) => base?.expression)];
  const names = named.filter((base) => base?.type === "Identifier").map(({ name }) => name);
  return names.flatMap((name) => declarationsOf(file, name) ?? []);
}

/** Members by name, the overloads of one in one, each with its own docstring or, as in an editor, that of its bases. */
function membersOf(found) {
  const { node, source } = found;
  const bases = basesOf(found).map(membersOf);
  const members = new Map();
  for (const member of node.body?.body ?? []) {
    if (member.key?.type !== "Identifier" || member.accessibility === "private") continue;
    const { name } = member.key;
    const signature = source.slice(member.start, member.end).replace(/;$/, "");
    const earlier = members.get(name);
    if (!earlier) members.set(name, { name, signature, ...docOf(member, name, bases) });
    else
      members.set(name, {
        ...{ name, signature: `${earlier.signature}\n${signature}` },
        ...joined([earlier, docBefore(member)]),
      });
  }
  const inherited = node.superClass ? (bases[0] ?? []) : [];
  return [...members.values(), ...inherited.filter(({ name }) => !members.has(name))];
}

function docOf(member, name, bases) {
  const own = docBefore(member);
  if (own.text !== "") return own;
  const { text, example } = bases.flat().find((other) => other.name === name && other.text !== "") ?? undocumented;
  return { text, example };
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
      ...joined(found.map(({ statement }) => docBefore(statement))),
      members: found.flatMap(membersOf),
    });
  }
}
writeFileSync(resolve(dist, "docs.json"), JSON.stringify(docs, null, 1) + "\n");
