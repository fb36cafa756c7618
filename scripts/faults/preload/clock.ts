/** @file A clock that is set back by so many seconds, as SEGKIT_FAULT says, half a second after the start and every second after. */
const { seconds } = JSON.parse(process.env["SEGKIT_FAULT"]!) as { readonly seconds: number };
const { now } = Date;
const start = performance.now();
const back = (): number => Math.max(0, Math.floor((performance.now() - start) / 1000 + 0.5)) * seconds * 1000;
const Original = Date;

class WrongDate extends Original {
  constructor(...args: readonly unknown[]) {
    super(...((args.length === 0 ? [WrongDate.now()] : args) as [number]));
  }
  static override now(): number {
    return now() - back();
  }
}
globalThis.Date = WrongDate as DateConstructor;
