// What Node and browsers have in common beyond the language's own library. Only tsconfig.core.json sees this file:
// the platforms' own declarations say more.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

declare const performance: { now(): number };
