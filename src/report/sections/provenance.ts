import { type Html, html } from "../html.ts";
import type { RunReport } from "../run-report.ts";
import type { Section } from "../section.ts";
import { type Fact, facts, legend, optionText } from "../text.ts";

/** What was trained on what, with what and where. */
export function provenance({ args, card, record, table, path }: RunReport): Section {
  const [height, width] = card.size;
  const options = Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows: Fact[] = [
    ["Model", `U-Net with ${card.architecture.encoder}, ${card.classes.length} classes`],
    ["Began with", record?.weights],
    ["Data", optionText(args.data)],
    ["Pictures", record && `${record.data.train} to train on, ${record.data.valid} to validate on`],
    ["Dataset hash", hash(record?.data.hash)],
    ["Split hash", hash(record?.data.split)],
    ["Size", `${height}×${width} (height × width)`],
    ["Batch size", optionText(args.bs)],
    ["Epochs", table.rows.length],
    ["Learning rate", optionText(args.lr)],
    ["Loss", optionText(args.loss)],
    ["Seed", optionText(args.seed)],
    [
      "Versions",
      record &&
        Object.entries(record.versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(", "),
    ],
    ["Machine", record && machineText(record.machine)],
    ["Computed on", record?.machine.engine],
    [
      "Begun",
      record?.started &&
        html`<time datetime="${record.started}">${record.started.slice(0, 16).replace("T", " ")} UTC</time>`,
    ],
    ["Folder", path],
  ];
  const old =
    record === null &&
    html`<p class="note">This run has no run.json: hashes, versions, machine and single steps were not recorded.</p>`;
  const body = html`${old}${facts(rows)}
    <h3>Classes</h3>
    ${legend(card)}
    <details>
      <summary>All options</summary>
      ${facts(options.map(([name, value]) => [name, optionText(value)]))}
    </details>`;
  return { id: "run", title: "What was trained on what", body };
}

function hash(text: string | undefined): Html | null {
  return text === undefined ? null : html`<code class="hash">sha256:${text}</code>`;
}

export function machineText({ system, processor, cores, memory }: NonNullable<RunReport["record"]>["machine"]): string {
  return `${processor}, ${cores} cores, ${(memory / 2 ** 30).toFixed(1)} GiB, ${system}`;
}
