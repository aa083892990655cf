import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { sha256File } from "../text/hash.ts";
import { toInt8 } from "../text/kernels/vectors.ts";

export interface TransformersOptions {
  /** Folder that holds the model's folder, or that folder itself where `model` is absent. */
  readonly path: string;
  /** Folder inside `path`, such as `all-MiniLM-L6-v2`. */
  readonly model?: string | undefined;
  /** Measured earlier for this model (`measureBackground`). @defaultValue 0, which leaves cosines as they are */
  readonly backgroundCosine?: number | undefined;
}

/**
 * Opens a sentence network that lies in a local folder as Transformers.js reads it. It runs on this machine and nothing is downloaded.
 *
 * The package is loaded at this call. Vectors are means over the tokens; texts beyond the model's length are cut by its tokenizer.
 *
 * @throws {@link TilthError} `embed/model-missing`, `embed/package-missing`, or `embed/bad-answer` for a model that is no sentence network.
 */
export async function openTransformersEmbedder(options: TransformersOptions): Promise<Embedder> {
  const folder = resolve(options.path, options.model ?? ".");
  const weights = findWeights(folder);
  const { env, pipeline } = await loadPackage();
  const model = basename(folder);
  const extract = await inTurn(async () => {
    Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: dirname(folder) });
    return pipeline("feature-extraction", model, { dtype: weights.precision });
  }).catch((cause: unknown) => {
    throw new TilthError("embed/model-missing", { path: folder, reason: reasonOf(cause) }, { cause });
  });

  const first = await embedBatch(["dimensions"]);
  const dimensions = first.length;
  return {
    id: `transformers:${model}`,
    version: (await sha256File(weights.path)).sha256.slice(0, 12),
    dimensions,
    backgroundCosine: options.backgroundCosine ?? 0,
    embed: async (texts) => {
      const vectors = new Int8Array(texts.length * dimensions);
      for (let start = 0; start < texts.length; start += BATCH_TEXTS) {
        const batch = texts.slice(start, start + BATCH_TEXTS);
        const values = await embedBatch(batch);
        if (values.length !== batch.length * dimensions) throw badAnswer(`${values.length} numbers for ${batch.length} texts`);
        for (const [index, text] of batch.entries()) {
          // A blank text has no direction, whatever the network makes of its marks alone.
          if (text.trim() === "") continue;
          toInt8(values, index * dimensions, dimensions, vectors, (start + index) * dimensions);
        }
      }
      return vectors;
    },
  };

  async function embedBatch(texts: readonly string[]): Promise<Float32Array> {
    const wellFormed = texts.map((text) => text.toWellFormed());
    const { success, data, error } = tensorSchema.safeParse(await extract(wellFormed, { pooling: "mean", normalize: true }));
    if (!success) throw badAnswer(z.prettifyError(error));
    return data.data;
  }

  function badAnswer(problem: string): TilthError {
    return new TilthError("embed/bad-answer", { where: folder, problem });
  }
}

const PACKAGE = "@huggingface/transformers";
const INSTALL = `ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}`;
const BATCH_TEXTS = 32;

/** Files a model's folder may hold, the most exact first, and the package's word for each. */
const PRECISIONS = [
  ["model.onnx", "fp32"],
  ["model_fp16.onnx", "fp16"],
  ["model_quantized.onnx", "q8"],
  ["model_int8.onnx", "int8"],
  ["model_uint8.onnx", "uint8"],
  ["model_q4.onnx", "q4"],
] as const;

function findWeights(folder: string): { readonly path: string; readonly precision: string } {
  const missing = ["config.json", "tokenizer.json"].find((file) => !existsSync(join(folder, file)));
  if (missing !== undefined) throw new TilthError("embed/model-missing", { path: folder, reason: `${missing} is not there` });
  for (const [file, precision] of PRECISIONS) {
    const path = join(folder, "onnx", file);
    if (existsSync(path)) return { path, precision };
  }
  throw new TilthError("embed/model-missing", { path: folder, reason: "the folder onnx holds no model" });
}

type Extract = (texts: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** What is used of the package; it is optional, so its own types are not there. */
interface TransformersPackage {
  readonly env: object;
  readonly pipeline: (task: string, model: string, options: Readonly<Record<string, unknown>>) => Promise<Extract>;
}

const isFunction = (value: unknown): boolean => typeof value === "function";
const packageSchema = z.object({
  env: z.custom<object>((value) => typeof value === "object" && value !== null),
  pipeline: z.custom<TransformersPackage["pipeline"]>(isFunction),
});
const tensorSchema = z.object({ data: z.instanceof(Float32Array) });

async function loadPackage(): Promise<TransformersPackage> {
  try {
    // A variable: the package is optional, and no tool shall look for it before it is needed.
    const name: string = PACKAGE;
    return packageSchema.parse(await import(name));
  } catch (cause) {
    throw new TilthError("embed/package-missing", { package: PACKAGE, reason: reasonOf(cause), command: INSTALL }, { cause });
  }
}

let turn: Promise<unknown> = Promise.resolve();

/** One model after the other: the package keeps the folder it reads from in one setting for all. */
function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
  const result = turn.then(run);
  turn = result.catch(() => undefined);
  return result;
}

function reasonOf(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.replace(/\.$/, "");
}
