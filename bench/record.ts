import { readFile, writeFile } from "node:fs/promises";

const readme = new URL("README.md", import.meta.url);

/** Puts text between the comments of README.md that begin and end what a bench recorded: `<!-- NAME -->` and `<!-- /NAME -->`. */
export async function recordTable(name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const page = await readFile(readme, "utf8");
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`bench/README.md has no ${begin} … ${end}`);
  await writeFile(readme, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`);
}
