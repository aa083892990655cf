import { closeSync, fstatSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { TilthError } from "../errors.ts";
import { loadByteKernels } from "../text/kernels/load.ts";
import { words } from "../text/words.ts";
import { gatherRanges } from "./near-gather.ts";
import type { GatheredRanges } from "./near-gather.ts";
import { readRange } from "./near-lines.ts";
import type { BrokenLine, NearRequest } from "./near-messages.ts";
import { backgroundJaccard, planNear } from "./near-plan.ts";
import type { NearPlan } from "./near-plan.ts";
import { startPool } from "./near-pool.ts";
import { DEFAULT_THRESHOLD, meanSize, shingleWordsFor } from "./near.ts";
import type { NearDuplicates, NearOptions } from "./near.ts";

export type { BrokenLine } from "./near-messages.ts";

/** Which file, and what of its rows is compared. */
export interface NearFileOptions extends Pick<NearOptions, "threshold" | "mode" | "memoryBytes"> {
  /** Keys of each row whose texts are compared, one below the other. */
  readonly fields: readonly string[];
  /** @defaultValue by the mean length of a sample of the texts: 3 below 200 words, else 5 */
  readonly shingleWords?: number;
  /** Threads that read. @defaultValue as many as the machine runs at once, up to 8 */
  readonly workers?: number;
  /** What a thread reads at a time; the result does not depend on it. @defaultValue 8 MB */
  readonly rangeBytes?: number;
  readonly onProgress?: (progress: { readonly bytesRead: number; readonly sizeBytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** Near-duplicates among the rows of a file: sets are its rows, in the order of their lines. */
export interface NearFile extends NearDuplicates {
  readonly rows: number;
  /** The line of each row, from 1. */
  readonly lines: Float64Array;
  /** Where the line of each row begins. */
  readonly byteOffsets: Float64Array;
  /** How many lines hold no row. */
  readonly brokenCount: number;
  /** The first thousand of those. */
  readonly broken: readonly BrokenLine[];
  /** Rows in which none of the fields is a text; they are kept. */
  readonly withoutText: number;
}

/**
 * Finds the near-duplicates among the rows of a JSON Lines file, of which the first of its kind stays.
 *
 * The texts are never in memory all at once: threads read ranges of the file and hand over shingle sets. About 4 bytes a shingle and what
 * {@link planNear} says. The result depends on the file alone, not on ranges or threads.
 *
 * @throws {@link TilthError} `input/not-found`, `input/is-directory`, `input/unreadable`, `input/invalid` for options out of range.
 * @throws The signal's reason when it is aborted.
 */
export async function findNearInFile(path: string, options: NearFileOptions): Promise<NearFile> {
  const { threshold = DEFAULT_THRESHOLD, rangeBytes = 8 * 2 ** 20, workers = Math.min(8, availableParallelism()), signal } = options;
  if (!(threshold > 0 && threshold <= 1)) {
    throw new TilthError("input/invalid", { where: "threshold", problem: `${threshold} does not lie above 0 and up to 1` });
  }
  checkWhole("workers", workers);
  checkWhole("rangeBytes", rangeBytes);
  signal?.throwIfAborted();
  const { sizeBytes, plan, shingleWords } = surveyFile(path, options, threshold);

  const ranges: NearRequest[] = [];
  for (let start = 0; start < sizeBytes; start += rangeBytes) {
    ranges.push({ kind: "range", start, end: Math.min(sizeBytes, start + rangeBytes) });
  }
  const pool = startPool(Math.max(1, Math.min(workers, ranges.length)), {
    data: { path, fields: options.fields, shingleWords, ...(plan.sketch === undefined ? {} : { sketch: plan.sketch }) },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const gathered = await gatherRanges(pool, ranges, plan.sketch?.bands ?? 0, (bytesRead) =>
      options.onProgress?.({ bytesRead, sizeBytes }),
    );
    return await decide(gathered, (request) => pool.ask(request), { threshold, shingleWords, plan });
  } catch (error) {
    throw asInputError(path, error);
  } finally {
    await pool.close();
  }
}

async function decide(
  { sets, keys, ...rows }: GatheredRanges,
  ask: ReturnType<typeof startPool>["ask"],
  { threshold, shingleWords, plan }: { readonly threshold: number; readonly shingleWords: number; readonly plan: NearPlan },
): Promise<NearFile> {
  const count = rows.lines.length;
  const order = Int32Array.from({ length: count }, (_, row) => row);
  const reply = await ask({ kind: "decide", sets, options: { threshold, order, shingleWords }, plan, keys });
  if (reply.kind !== "decided") throw new Error("A thread answered another question than it was asked.");
  return { ...reply.found, rows: count, ...rows };
}

/** What is planned for a file, from its size and up to 32 samples that are spread over it. */
function surveyFile(
  path: string,
  { fields, mode = "auto", memoryBytes, shingleWords: asked }: NearFileOptions,
  threshold: number,
): { readonly sizeBytes: number; readonly plan: NearPlan; readonly shingleWords: number } {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const facts = fstatSync(file);
    if (facts.isDirectory()) throw new TilthError("input/is-directory", { path });
    const { texts, sampledBytes } = sampleTexts(file, facts.size, fields);
    const measured = texts.filter((_, place) => place % Math.ceil(texts.length / 500) === 0);
    const meanWords = measured.reduce((sum, text) => sum + words(text).length, 0) / Math.max(1, measured.length);
    const shingleWords = asked ?? shingleWordsFor(meanWords);
    const sample = loadByteKernels().shingleSets(texts, shingleWords);
    const plan = planNear({
      // An estimate, and it should look like one.
      records: sampledBytes === 0 ? 0 : Math.round(Number(((facts.size / sampledBytes) * texts.length).toPrecision(3))),
      meanShingles: meanSize(sample),
      threshold,
      background: () => backgroundJaccard(sample),
      mode,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    });
    return { sizeBytes: facts.size, plan, shingleWords };
  } catch (error) {
    throw asInputError(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function sampleTexts(
  file: number,
  sizeBytes: number,
  fields: readonly string[],
): { readonly texts: readonly string[]; readonly sampledBytes: number } {
  const step = Math.max(SAMPLE_BYTES, Math.floor(sizeBytes / SAMPLES));
  const texts: string[] = [];
  let sampledBytes = 0;
  for (let start = 0; start < sizeBytes; start += step) {
    const end = Math.min(sizeBytes, start + SAMPLE_BYTES);
    for (const text of readRange(file, start, end, fields).texts) texts.push(text);
    sampledBytes += end - start;
  }
  return { texts, sampledBytes };
}

const SAMPLES = 32;
const SAMPLE_BYTES = 1 << 16;

function checkWhole(where: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new TilthError("input/invalid", { where, problem: `${value} is no whole number above 0` });
  }
}

function asInputError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  if (error.code === "ENOENT") return new TilthError("input/not-found", { path }, { cause: error });
  return new TilthError("input/unreadable", { path, reason: error.message }, { cause: error });
}
