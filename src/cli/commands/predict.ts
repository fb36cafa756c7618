import { z } from "zod";
import { requireFfmpeg } from "../../data/video.node.ts";
import { type PredictionFormatName, predictionFormats } from "../../inference/formats/index.node.ts";
import { ConfigError, DataError, Interrupted, messageOf } from "../../util/errors.ts";
import { type CommandIo, defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { isLarge, predictLarge } from "../predict-large.ts";
import { isFinished, type PictureTask, predictPictures, predictVideo } from "../predict-files.ts";
import { type PredictModel, predictModel } from "../predict-model.ts";
import { sourcesOf } from "../predict-sources.ts";
import { PredictionFolder, type Skipped } from "../prediction-folder.ts";
import { framesIn, type Prediction, predictionsFor, shardOf } from "../predictions.ts";
import { FolderListing } from "../folder-listing.ts";
import { RateBar } from "../rate-bar.ts";

const formatNames = Object.keys(predictionFormats) as [PredictionFormatName, ...PredictionFormatName[]];

const options = z.object({
  out: fields.text("DIR").optional().describe("folder for what is written"),
  format: fields
    .words(formatNames)
    .default(["masks", "overlays"])
    .describe(
      `default masks,overlays. ${formatNames.map((name) => `${name}: ${predictionFormats[name].title}`).join("; ")}`,
    ),
  resume: z.boolean().default(false).describe("go on with what an interrupted call left in --out"),
  shard: fields.shard().optional().describe("predict one of N equal parts of the pictures, such as 2/4"),
  weights: fields.word(["best", "last"]).default("best").describe("which weights of a run"),
  tta: z.boolean().default(false).describe("average over mirrored and larger views of each picture; 6 times the work"),
  window: fields
    .size()
    .optional()
    .describe("go over each picture at its own resolution in windows; any size of picture"),
  overlap: fields.overlap().default(0.5).describe("how much of a window its neighbour sees too"),
  with: fields.list("FILE,…").optional().describe("more models of the same classes; probabilities are averaged"),
  threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
  backend: fields.backend(),
});

type Options = z.infer<typeof options> & { readonly out: string };

export const predict = defineCommand({
  name: "predict",
  summary: "write masks, overlays, polygons and more for pictures and videos",
  usage: "RUN|MODEL.onnx FILE|FOLDER|PATTERN … --out DIR [--format …] …",
  options,
  async run({ options: { out, ...given }, given: written, positionals, ...io }) {
    const [path, ...words] = positionals;
    if (path === undefined || words.length === 0 || out === undefined)
      throw new ConfigError("predict: expected a run folder or an exported model, pictures and --out DIR", {
        hint: "Write segkit predict RUN FILE|FOLDER --out DIR.",
      });
    if (written.has("overlap") && !given.window)
      throw new ConfigError("predict: --overlap is of the windows that --window asks for", {
        hint: "Add --window, or leave --overlap out.",
      });
    const model = await predictModel([path, ...(given.with ?? [])], given.weights);
    const all = await predictionsFor(await sourcesOf(words, out), given.format, out);
    const predictions = shardOf(all, given.shard);
    const video = predictions.find((each) => each.video);
    if (video) await requireFfmpeg(video.file);
    const record = { model: model.text, sha256: model.sha256, tta: given.tta, window: windowText(given) };
    const folder = await PredictionFolder.open(out, record, given);
    await new PredictCommand({ ...given, out }, folder, predictions, io).run(model);
  },
});

/** One call of the command: what is to be predicted, and what became of it. */
class PredictCommand {
  readonly #options: Options;
  readonly #folder: PredictionFolder;
  readonly #predictions: readonly Prediction[];
  readonly #io: CommandIo;
  readonly #skipped: Skipped[] = [];
  #kept = 0;

  constructor(options: Options, folder: PredictionFolder, predictions: readonly Prediction[], io: CommandIo) {
    this.#options = options;
    this.#folder = folder;
    this.#predictions = predictions;
    this.#io = io;
  }

  async run(model: PredictModel): Promise<void> {
    const { format: formats, out } = this.#options;
    const { output } = this.#io;
    const [pictures, videos] = await this.#unfinished();
    this.#kept = this.#predictions.length - pictures.length - videos.length;
    if (pictures.length + videos.length > 0) await this.#predict(pictures, videos, model);
    const documents = await this.#documents(model);
    const list = await this.#folder.writeSkipped(this.#skipped);
    const written = this.#predictions.length - this.#kept - this.#skipped.length;
    const before = this.#kept > 0 ? `, ${this.#kept} finished before` : "";
    const what = `${kindOf(this.#predictions)}${written === 1 ? "" : "s"}`;
    output.line(`${written} ${what} predicted${before}: ${formats.join(", ")} in ${out}`);
    const skipped = this.#skipped.map(({ file }) => file);
    output.event("end", { out, written, kept: this.#kept, skipped, documents });
    if (list !== null) throw unreadable(skipped, this.#predictions, list);
  }

  /** The pictures and the videos that have files missing. */
  async #unfinished(): Promise<[PictureTask[], Prediction[]]> {
    const { format } = this.#options;
    const pictures: PictureTask[] = [];
    const videos: Prediction[] = [];
    for (const prediction of this.#predictions)
      if (prediction.video) {
        if (!(await isFinished(prediction, format, this.#folder))) videos.push(prediction);
      } else {
        const missing = await this.#folder.missing(prediction.name, format);
        if (missing.length > 0) pictures.push({ prediction, missing });
      }
    return [pictures, videos];
  }

  async #predict(pictures: readonly PictureTask[], videos: readonly Prediction[], model: PredictModel): Promise<void> {
    const { backend, threads, tta, format, window: size, overlap } = this.#options;
    const { output, signal } = this.#io;
    const predictor = await model.open({
      backend,
      ...(threads === undefined ? {} : { threads }),
      ...(tta ? { tta: {} } : {}),
      ...(size ? { window: { size, overlap } } : {}),
      onFallback: (reason) => output.note(reason),
    });
    const bar = output.bar();
    const rate = new RateBar(bar);
    const onRows = ({ path }: Prediction, rows: number, all: number): void =>
      rate.update(`predicting rows of ${path}`, rows, all);
    let done = 0;
    const work = {
      ...{ predictor, folder: this.#folder, formats: format, names: model.names, signal },
      onWritten: (
        { file, video, path }: Prediction,
        files: object,
        frame?: { index: number; count: number | null },
      ) => {
        output.event("prediction", { image: file, ...(frame && { frame: frame.index }), files });
        if (frame && video)
          rate.update(`predicting ${path}`, frame.index + 1, Math.max(frame.count ?? 0, frame.index + 1));
        else rate.update("predicting", ++done, pictures.length);
      },
      onSkipped: ({ file, video }: Prediction, error: unknown) => {
        this.#skipped.push({ file, reason: messageOf(error) });
        output.note(`skipped: ${messageOf(error)}`);
        output.event("skipped", { image: file, message: messageOf(error) });
        if (!video) rate.update("predicting", ++done, pictures.length);
      },
    };
    try {
      await this.#folder.begin(this.#predictions, format);
      const [small, large] = predictor.predictRows ? await bySize(pictures) : [pictures, []];
      await predictPictures(small, work);
      for (const task of large) await predictLarge(task, predictor.predictRows!, { ...work, onRows });
      for (const video of videos) await predictVideo(video, work);
    } catch (error) {
      if (error instanceof Interrupted) output.note("what is finished stays; the same line with --resume goes on");
      throw error;
    } finally {
      bar.clear();
      await predictor.release();
    }
  }

  /** Writes the files that are about all pictures; gives their paths by format. */
  async #documents({ names: classes }: PredictModel): Promise<Readonly<Record<string, string>>> {
    const listing = new FolderListing(this.#folder.path);
    const names: string[] = [];
    for (const { name, video } of this.#predictions) names.push(...(video ? await framesIn(name, listing) : [name]));
    const documents: Record<string, string> = {};
    for (const format of this.#options.format) {
      const path = await this.#folder.gather(format, names, classes);
      if (path !== null) documents[format] = path;
    }
    return documents;
  }
}

/** The windows in words; nothing without them. */
function windowText({ window, overlap }: Pick<Options, "window" | "overlap">): string | undefined {
  return window && `${window.join("×")}, overlap ${overlap}`;
}

/** The pictures that are decoded into memory, and those that are too large. */
async function bySize(tasks: readonly PictureTask[]): Promise<[small: PictureTask[], large: PictureTask[]]> {
  const [small, large]: [PictureTask[], PictureTask[]] = [[], []];
  for (const task of tasks) ((await isLarge(task.prediction.file)) ? large : small).push(task);
  return [small, large];
}

/** What all of them are, in one word. */
function kindOf(predictions: readonly Prediction[]): string {
  const videos = predictions.filter(({ video }) => video).length;
  return videos === 0 ? "picture" : videos === predictions.length ? "video" : "file";
}

function unreadable(skipped: readonly string[], predictions: readonly Prediction[], list: string): DataError {
  const all = predictions.length;
  const names = skipped.length > 3 ? [...skipped.slice(0, 3), "…"] : skipped;
  const others = skipped.length < all ? "The others were predicted. " : "";
  return new DataError(
    `predict: ${skipped.length} of ${all} ${kindOf(predictions)}s could not be read: ${names.join(", ")}`,
    {
      hint: `${others}Mend or remove those that ${list} lists, then call again with --resume.`,
    },
  );
}
