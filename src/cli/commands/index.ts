import { data } from "./data.ts";
import { demo } from "./demo.ts";
import { doc } from "./doc.ts";
import { exportCommand } from "./export.ts";
import { lrFind } from "./lr-find.ts";
import { predict } from "./predict.ts";
import { report } from "./report.ts";
import { serve } from "./serve.ts";
import { train } from "./train.ts";
import { validate } from "./validate.ts";

/** Every verb of the command line, in the order that help lists them. */
export const commands = [train, lrFind, validate, predict, exportCommand, serve, demo, report, data, doc] as const;
