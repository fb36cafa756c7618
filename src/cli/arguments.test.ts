import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { parseArguments } from "./arguments.ts";
import * as fields from "./fields.ts";

const schema = z.object({
  data: fields.text("DATA").default("streets"),
  bs: fields.integer(1).default(8),
  minMiou: fields.share().optional(),
  size: fields.size().optional(),
  wd: fields.nonNegative().optional(),
  backend: fields.word(["cpu", "wasm"]).default("cpu"),
  resume: z.boolean().default(false),
});

const parse = (...argv: string[]) => parseArguments(argv, schema, "segkit train --help");

/** The error of a command line, as its message and hint. */
function refused(...argv: string[]): string {
  try {
    parse(...argv);
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 2 });
    return `${(error as Error).message} | ${(error as { hint?: string }).hint}`;
  }
  return expect.fail("was accepted");
}

describe("parseArguments", () => {
  test.each([
    [["--bs", "4", "--min-miou", "0.5"]],
    [["--bs=4", "--min-miou=0.5"]],
    [["bs=4", "min-miou=0.5"]],
    [["bs=4", "minMiou=0.5"]],
    [["--bs", "2", "--bs", "4", "--minMiou", ".5"]],
  ])("reads %j", (argv) => {
    expect(parse(...argv).options).toMatchObject({ bs: 4, minMiou: 0.5, data: "streets", resume: false });
  });

  test("options have the types of their fields", () => {
    const { options } = parse("--size", "96x128");
    expectTypeOf(options.size).toEqualTypeOf<[height: number, width: number] | undefined>();
    expectTypeOf(options.backend).toEqualTypeOf<"cpu" | "wasm">();
    expect(options.size).toEqual([96, 128]);
  });

  test.each([
    [["--resume"], true],
    [["--resume", "true"], true],
    [["--resume", "--bs", "2"], true],
    [["resume=true"], true],
    [["--resume=false"], false],
    [["--resume", "false"], false],
  ])("reads the switch in %j", (argv, value) => {
    const { options, positionals } = parse(...argv);
    expect(options.resume).toBe(value);
    expect(positionals).toEqual([]);
  });

  test("says which options were written", () => {
    expect([...parse("--bs", "8", "--json", "--resume").given]).toEqual(["bs", "resume"]);
  });

  test("keeps the other words, and all of them after --", () => {
    expect(parse("run", "--bs", "2", "a.png", "-1", "--", "--bs", "x=y").positionals).toEqual([
      ..."run a.png -1 --bs x=y".split(" "),
    ]);
  });

  test("a value may hold = and begin with one dash", () => {
    expect(parse("--data", "cam=1").options.data).toBe("cam=1");
    expect(parse("--data=a=b").options.data).toBe("a=b");
    expect(refused("--bs", "-1")).toMatch('--bs: expected a whole number of at least 1, but received "-1"');
  });

  test("wrong lines are refused in one sentence with a remedy", () => {
    const lines = ["--bsz 4", "--backends cpu", "--colour red", "-bs 4", "--bs", "--bs --resume", "--bs 0", "--bs 1.5"];
    lines.push("--bs=", "--size 96", "--size 96x", "--min-miou 2", "--wd=", "--backend gpu", "--resume=no", "--data=");
    expect(lines.map((line) => `${line}: ${refused(...line.split(" "))}`).join("\n")).toMatchInlineSnapshot(`
      "--bsz 4: unknown option --bsz | Did you mean --bs? See segkit train --help.
      --backends cpu: unknown option --backends | Did you mean --backend? See segkit train --help.
      --colour red: unknown option --colour | See segkit train --help.
      -bs 4: unknown option -bs | Did you mean --bs? See segkit train --help.
      --bs: --bs: expected a value, but received none | See segkit train --help.
      --bs --resume: --bs: expected a value, but received none | See segkit train --help.
      --bs 0: --bs: expected a whole number of at least 1, but received "0" | See segkit train --help.
      --bs 1.5: --bs: expected a whole number of at least 1, but received "1.5" | See segkit train --help.
      --bs=: --bs: expected a whole number of at least 1, but received "" | See segkit train --help.
      --size 96: --size: expected HEIGHTxWIDTH such as 96x128, but received "96" | See segkit train --help.
      --size 96x: --size: expected HEIGHTxWIDTH such as 96x128, but received "96x" | See segkit train --help.
      --min-miou 2: --min-miou: expected a number from 0 to 1, but received "2" | See segkit train --help.
      --wd=: --wd: expected a number of at least 0, but received "" | See segkit train --help.
      --backend gpu: --backend: expected one of cpu, wasm, but received "gpu" | See segkit train --help.
      --resume=no: --resume: expected no value, true or false, but received "no" | See segkit train --help.
      --data=: --data: expected a value, but received "" | See segkit train --help."
    `);
  });
});
