// All cases as JSON, for scripts/golden.py.
import { opNames, trialsOf } from "./harness.ts";

const trials = opNames.flatMap(trialsOf);
process.stdout.write(
  JSON.stringify(trials.map(({ name, leaves, wrt, gradientOf }) => ({ name, leaves, wrt, gradientOf }))),
);
