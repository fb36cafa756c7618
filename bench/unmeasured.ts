/** Why a participant has no figure, in a few words for its line of the table. */
export class Unmeasured extends Error {
  override readonly name = "Unmeasured";
}

const reasons: readonly (readonly [pattern: RegExp, reason: (match: RegExpExecArray) => string])[] = [
  [/ModuleNotFoundError: No module named '([\w.]+)'/, ([, name]) => `not installed: ${name}`],
  [/Cannot find package '([^']+)'/, ([, name]) => `not installed: ${name}`],
  [/spawn (\S+) ENOENT/, ([, name]) => `not installed: ${name}`],
  [/Kernel '(\w+)' not registered for backend '(\w+)'/, ([, kernel, backend]) => `no kernel ${kernel} on ${backend}`],
  [/gradient function not found for (\w+)/, ([, name]) => `no gradient of ${name}`],
  [/MemoryError|DefaultCPUAllocator|bad_alloc|heap out of memory|Failed to allocate/, () => "out of memory"],
];

/** What a child's last words and the way it ended amount to. */
export function reasonOf(
  stderr: string,
  end: { readonly code: number | null; readonly signal: string | null },
): string {
  for (const [pattern, reason] of reasons) {
    const match = pattern.exec(stderr);
    if (match) return reason(match);
  }
  if (end.signal === "SIGKILL") return "killed, probably out of memory";
  const said = stderr
    .trim()
    .split("\n")
    .findLast((line) => /error/i.test(line));
  return `failed: ${(said ?? `exit ${end.code ?? end.signal}`).trim().slice(0, 120)}`;
}
