import { z } from "zod";
import { type ProblemCode, problems } from "./problem.ts";

/** What may stand after the ? of /predict. */
export const predictQuery = z.strictObject({
  opacity: z.coerce.number().min(0).max(1).default(0.5).describe("how strong the colours of an overlay are"),
});

const whole = z.int().min(0);
const duration = z.number().min(0);

const size = z.object({ height: whole, width: whole }).describe("the picture's, in pixels");
const milliseconds = z
  .object({
    queue: duration.describe("from the arrival of the body to the beginning of the work"),
    decode: duration,
    predict: duration.describe("with the wait for pictures before it"),
  })
  .describe("where the time went");

const presentClass = {
  id: whole.max(255).describe("the number that stands for it in masks"),
  name: z.string(),
  colour: z.string().regex(/^#[0-9a-f]{6}$/),
  pixels: whole,
  share: z.number().min(0).max(1).describe("of all pixels"),
};

/** How much of each class a picture shows. */
export const sharesAnswer = z.object({
  size,
  classes: z.array(z.object(presentClass)).describe("all classes of the model, by id"),
  milliseconds,
});

const rle = z
  .object({
    size: z.tuple([whole, whole]).describe("height and width"),
    counts: z.string().describe("run lengths down the columns, in COCO's compressed text"),
  })
  .describe("COCO's run-length encoding");

/** Where the classes are. */
export const rleAnswer = z.object({
  size,
  segments: z.array(z.object({ ...presentClass, rle })).describe("the classes that the picture shows, by id"),
  milliseconds,
});

/** What is wrong, after RFC 9457. */
export const problemAnswer = z.object({
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string(),
  hint: z.string().optional().describe("what can be done about it"),
});

/** What /healthz and /readyz say. */
export const healthAnswer = z.object({ status: z.string() });
