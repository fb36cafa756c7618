// What Node and browsers have in common beyond the language's own library. Only tsconfig.core.json sees this file:
// the platforms' own declarations say more.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

declare const performance: { now(): number };

declare function setTimeout(run: () => void, milliseconds?: number): unknown;

/** Base64 of a string of characters below 256. */
declare function btoa(bytes: string): string;
