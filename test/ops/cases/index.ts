import type { Cases } from "../case.ts";
import { activationCases } from "./activation.ts";
import { convCases } from "./conv.ts";
import { elementwiseCases } from "./elementwise.ts";
import { matmulCases } from "./matmul.ts";
import { movementCases } from "./movement.ts";
import { normCases } from "./norm.ts";
import { poolCases } from "./pool.ts";
import { reduceCases } from "./reduce.ts";
import { resizeCases } from "./resize.ts";
import { sortCases } from "./sort.ts";

/** What every operator is tried on. */
export const cases: Cases = {
  ...elementwiseCases,
  ...activationCases,
  ...reduceCases,
  ...matmulCases,
  ...movementCases,
  ...sortCases,
  ...convCases,
  ...poolCases,
  ...resizeCases,
  ...normCases,
};
