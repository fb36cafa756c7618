import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ConfigError } from "../../util/errors.ts";
import { nearest } from "../../util/nearest.ts";
import { defineCommand } from "../command.ts";
import type { Output } from "../output.ts";

/** One line of dist/docs.json, which `scripts/doc-index.mjs` writes from the declarations of the package. */
export interface Documented {
  readonly name: string;
  readonly signature: string;
  /** The docstring without its example. */
  readonly text: string;
  /** Code, or "" where there is none. */
  readonly example: string;
}

export interface DocumentedExport extends Documented {
  /** What it is imported from, such as "segkit/graph". */
  readonly from: string;
  readonly file: string;
  readonly members: readonly Documented[];
}

export const doc = defineCommand({
  name: "doc",
  summary: "show what an exported name is and does, as an editor shows it",
  usage: "[NAME | CLASS.MEMBER]",
  options: z.object({}),
  async run({ positionals, output }) {
    const docs = await readDocs();
    if (positionals.length > 1) throw new ConfigError(`doc: expected one name, but received ${positionals.join(" ")}`);
    const [asked] = positionals;
    if (asked === undefined) list(docs, output);
    else for (const found of find(docs, asked)) show(found, output);
  },
});

async function readDocs(): Promise<DocumentedExport[]> {
  const file = new URL("../../docs.json", import.meta.url);
  try {
    return JSON.parse(await readFile(file, "utf8")) as DocumentedExport[];
  } catch (error) {
    throw new ConfigError("doc: the index of the documentation is missing from this build", {
      hint: "Build segkit with npm run build.",
      cause: error,
    });
  }
}

function list(docs: readonly DocumentedExport[], output: Output): void {
  for (const from of new Set(docs.map((each) => each.from))) {
    output.line(`${from}:`);
    for (const { name, text } of docs.filter((each) => each.from === from))
      output.line(`  ${name.padEnd(26)} ${text.split(/(?<=\.)\s/)[0]?.replaceAll("\n", " ") ?? ""}`);
  }
  output.event("docs", { names: docs.map(({ name }) => name) });
}

/** The exports of a name, or else the members of a name in every class; `Class.member` names one of them. */
function find(docs: readonly DocumentedExport[], asked: string): DocumentedExport[] {
  const exported = docs.filter(({ name }) => name === asked);
  if (exported.length > 0) return exported;
  const members = docs.flatMap((owner) => owner.members.map((member) => ({ owner, member })));
  const title = ({ owner, member }: (typeof members)[number]): string => `${owner.name}.${member.name}`;
  const found = members.filter((each) => each.member.name === asked || title(each) === asked);
  if (found.length > 0) return found.map((each) => ({ ...each.owner, ...each.member, name: title(each), members: [] }));
  const known = [...docs.map(({ name }) => name), ...members.map(title), ...members.map(({ member }) => member.name)];
  const meant = nearest(asked, known);
  throw new ConfigError(`doc: nothing exported is named ${asked}`, {
    hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}segkit doc lists every name.`,
  });
}

function show({ name, from, file, signature, text, example, members }: DocumentedExport, output: Output): void {
  output.line(`${name}   from "${from}", ${file}`);
  output.line("");
  output.line(signature);
  for (const part of body({ text, example })) output.line(`\n${part}`);
  for (const member of members) {
    output.line(`\n${indented(member.signature, 2)}`);
    for (const part of body(member)) output.line(indented(part, 6));
  }
  output.line("");
  output.event("doc", { name, from, file, signature, text, example, members });
}

function body({ text, example }: Pick<Documented, "text" | "example">): string[] {
  return [text, example && `Example:\n${indented(example, 4)}`].filter((part) => part !== "");
}

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(by));
}
