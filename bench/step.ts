// npm run bench [-- --peers] [-- --batch 4 --size 192x256 --repeats 7 --python PATH]
//
// Times one training step of the ResNet U-Net (forward, backward, AdamW); with --peers also PyTorch's, the processes
// taking turns step by step, so that a machine that gets slower slows all of them.
import { type ChildProcess, spawn } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    batch: { type: "string", default: "4" },
    size: { type: "string", default: "192x256" },
    encoder: { type: "string", default: "resnet34" },
    threads: { type: "string", default: String(cpus().length) },
    repeats: { type: "string", default: "7" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
  },
});

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const task = ["--batch", values.batch, "--size", values.size, "--encoder", values.encoder, "--threads", values.threads];
const torch = (layout: string): string[] => [values.python, here("peers/step.py"), ...task, "--layout", layout];

/** Command lines that answer every "step" with a timed step. */
const commands: Record<string, string[]> = {
  segkit: [process.execPath, "--import", "tsx", here("segkit-step.ts"), ...task],
  ...(values.peers
    ? { "PyTorch, contiguous": torch("contiguous"), "PyTorch, channels last": torch("channels_last") }
    : {}),
};

/** A child process that answers a line with a line of JSON. */
class Runner {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor([command, ...args]: readonly string[]) {
    this.#child = spawn(command!, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async answer(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#child.spawnargs.join(" ")}: ended without an answer`);
    return JSON.parse(value) as Record<string, unknown>;
  }

  /** Ends the child by the end of its input. */
  close(): void {
    this.#child.stdin!.end();
  }

  ask(line: string): Promise<Record<string, unknown>> {
    this.#child.stdin!.write(`${line}\n`);
    return this.answer();
  }
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
console.log(
  `training step: ${values.encoder} U-Net, batch ${values.batch}, ${values.size}, 12 classes, ${values.threads} threads`,
);
const runners = new Map<string, Runner>();
for (const [name, command] of Object.entries(commands)) {
  const runner = new Runner(command);
  const { ready: _, ...about } = await runner.answer();
  console.log(`${name}: ${JSON.stringify(about)}`);
  runners.set(name, runner);
}
const seconds = new Map([...runners.keys()].map((name): [string, number[]] => [name, []]));
for (let i = 0; i < Number(values.repeats); i++)
  for (const [name, runner] of runners) seconds.get(name)!.push(Number((await runner.ask("step")).seconds));

const own = seconds.get("segkit")!;
console.log("\n                          median s    min s    max s   time / segkit's (median of pairs)   peak MB");
for (const [name, times] of seconds) {
  const { peakBytes } = await runners.get(name)!.ask("end");
  runners.get(name)!.close();
  const ratio = median(times.map((t, i) => t / own[i]!));
  const cells = [median(times), Math.min(...times), Math.max(...times)].map((t) => t.toFixed(2).padStart(9));
  console.log(
    `${name.padEnd(24)} ${cells.join("")}${ratio.toFixed(2).padStart(28)}${String(Math.round(Number(peakBytes) / 1e6)).padStart(19)}`,
  );
}
