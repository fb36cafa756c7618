import { type Ended } from "./child.ts";
import { endOf } from "./laboratory.ts";

const trace = /^\s+at .+[:(]|node:internal|Uncaught|Unhandled|FATAL ERROR|Segmentation/m;

/** What is wrong with how a process refused: it is to leave with the code, or one of them, and say these things in a sentence. */
export function refusal(ended: Ended, codes: number | readonly number[], ...texts: readonly RegExp[]): string[] {
  const { code, stderr } = ended;
  return [
    ...([codes].flat().includes(code ?? -1) ? [] : [`exit code ${codes} was expected: ${endOf(ended)}`]),
    ...(trace.test(stderr) ? [`a stack trace was printed: ${endOf(ended)}`] : []),
    ...(/^segkit: /m.test(stderr) ? [] : [`no sentence was printed: ${endOf(ended)}`]),
    ...texts.filter((text) => !text.test(stderr)).map((text) => `${text} is not said: ${endOf(ended)}`),
  ];
}

/** What a message is to say of a run that has been trained: where the last good state of it is. */
export const saysWhatIsSafe =
  /(Safe in \S+: |continue from )the checkpoint of epoch \d+, batch \d+ \(checkpoints\/\d+\.safetensors\)|Nothing was saved before\.|nothing was trained yet/;

/** How often each of some ends came, such as `12 × 4, 3 × 0`. */
export function counted(ends: readonly (string | number | null)[]): string {
  const counts = new Map<string, number>();
  for (const end of ends) counts.set(String(end), (counts.get(String(end)) ?? 0) + 1);
  return [...counts].map(([end, count]) => `${count} × ${end}`).join(", ");
}
