import { TilthError } from "../errors.ts";
import { textChunks } from "../files/encoding.ts";
import type { ByteSource } from "../schema/file-kind.ts";
import type { FreshnessThreshold } from "../similarity/freshness.ts";
import { type FreshnessBasis, type Neighbour, basisOf, neighbourOf, rounded } from "./freshness-near.ts";
import { textStarts } from "./freshness-rows.ts";
import { checkType, readThresholds, thresholdValue } from "./freshness-thresholds.ts";
import { type FreshnessContext, type FreshnessWorkspace, openFreshness, turn } from "./freshness.ts";

/** Texts come from anywhere: these bounds keep one call within memory. Bytes as UTF-8. */
export const MOST_TEXT_BYTES = 1_000_000;
export const MOST_BATCH_BYTES = 64_000_000;
const TEXTS_AT_ONCE = 512;

export interface FreshnessOptions {
  /** A dataset's name or id: only its members are compared with. @defaultValue the whole pool */
  readonly dataset?: string | undefined;
  /** Only examples of this type are compared with. @defaultValue all types */
  readonly type?: string | undefined;
  /** @defaultValue the type's */
  readonly threshold?: FreshnessThreshold | undefined;
}

/** How fresh one text is. */
export interface TextFreshness extends FreshnessBasis {
  readonly text: string;
  readonly type?: string;
  /** The freshness score: 1 nothing like it, 0 there already. Rounded to 4 decimals; `isFresh` falls on the unrounded one. */
  readonly score: number;
  readonly isFresh: boolean;
  readonly threshold: number;
  /** Share of the pool's own samples that are at most as fresh, 0 to 1: a maximum over a growing pool drifts, this does not. */
  readonly percentile: number;
  /** Examples that were compared with. */
  readonly samples: number;
  /** Absent where there was none. */
  readonly nearest?: Neighbour;
  readonly exact: true;
}

/** One text of a batch. */
export interface CheckedText {
  readonly text: string;
  /** As in {@link TextFreshness}; absent, like all that follows from it, for a text without words. */
  readonly score?: number;
  readonly isFresh?: boolean;
  /** The nearest example, of a text that is not fresh. */
  readonly witness?: Neighbour;
}

export interface CheckedBatch extends FreshnessBasis {
  readonly type?: string;
  readonly threshold: number;
  readonly samples: number;
  readonly fresh: number;
  readonly below: number;
  readonly withoutWords: number;
  /** In the order given. */
  readonly texts: readonly CheckedText[];
}

/**
 * Says how fresh a text is beside the examples there are; `undefined` for a text without words.
 *
 * @throws {@link TilthError} `freshness/too-long`; `dataset/not-found`; `input/invalid` for an unknown type; what the embedder throws.
 * @example
 * const found = await freshnessOf(workspace, "gm to data contributors", { type: "gm" });
 * if (found?.isFresh === false) console.log(`too like ${found.nearest?.text}`);
 */
export async function freshnessOf(
  workspace: FreshnessWorkspace,
  text: string,
  options: FreshnessOptions = {},
  context: FreshnessContext = {},
): Promise<TextFreshness | undefined> {
  checkSizes([text]);
  const { pool, threshold, type } = await openComparison(workspace, options, context);
  const found = await pool.index.maxSimilarity(text, { type });
  if (found === undefined) return undefined;
  await pool.distribution(type);
  const percentile = await pool.index.percentile(found.score, { type });
  await pool.keep();
  const [near] = found.nearest;
  const starts = await textStarts(pool.storage, near === undefined ? [] : [near.id]);
  return {
    ...basisOf(pool),
    text,
    ...(type === undefined ? {} : { type }),
    score: rounded(found.freshness),
    isFresh: found.freshness >= threshold,
    threshold: rounded(threshold),
    percentile: rounded(percentile),
    samples: found.pool.size,
    ...(near === undefined ? {} : { nearest: neighbourOf(near, starts.get(near.id)) }),
    exact: true,
  };
}

/**
 * Says of many texts how fresh each is beside the examples there are; they are not compared with each other.
 *
 * @throws {@link TilthError} `freshness/too-long`, `freshness/too-much`; as {@link freshnessOf}; the signal's reason.
 */
export async function batchCheck(
  workspace: FreshnessWorkspace,
  texts: readonly string[],
  options: FreshnessOptions = {},
  context: FreshnessContext = {},
): Promise<CheckedBatch> {
  checkSizes(texts);
  const { pool, threshold, type } = await openComparison(workspace, options, context);
  const checked: CheckedText[] = [];
  for (let at = 0; at < texts.length; at += TEXTS_AT_ONCE) {
    await turn(context, { step: "comparing texts", done: at, total: texts.length });
    const found = await pool.index.batchCheck(texts.slice(at, at + TEXTS_AT_ONCE), { type, threshold });
    const starts = await textStarts(pool.storage, [...new Set(found.flatMap(({ witness }) => witness?.id ?? []))]);
    for (const { text, freshness, isFresh, witness } of found) {
      if (freshness === undefined || isFresh === undefined) checked.push({ text });
      else
        checked.push({
          text,
          score: rounded(freshness),
          isFresh,
          ...(witness === undefined ? {} : { witness: neighbourOf(witness, starts.get(witness.id)) }),
        });
    }
  }
  await pool.keep();
  const fresh = checked.filter(({ isFresh }) => isFresh === true).length;
  const below = checked.filter(({ isFresh }) => isFresh === false).length;
  return {
    ...basisOf(pool),
    ...(type === undefined ? {} : { type }),
    threshold: rounded(threshold),
    samples: type === undefined ? pool.index.size : (pool.index.types.get(type) ?? 0),
    fresh,
    below,
    withoutWords: checked.length - fresh - below,
    texts: checked,
  };
}

async function openComparison(workspace: FreshnessWorkspace, { dataset, type, threshold }: FreshnessOptions, context: FreshnessContext) {
  const { pack } = workspace.packs;
  const storage = await workspace.storage();
  if (type !== undefined) await checkType(storage, pack, type);
  const pool = await openFreshness(workspace, { dataset }, context);
  const wanted = threshold ?? (await readThresholds(storage, pack)).of(type).threshold;
  return { pool, type, threshold: await thresholdValue(pool, wanted, type) };
}

/** @throws {@link TilthError} `freshness/too-long`, `freshness/too-much` */
function checkSizes(texts: readonly string[]): void {
  let sum = 0;
  for (const [i, text] of texts.entries()) {
    const bytes = Buffer.byteLength(text);
    sum += bytes;
    if (bytes > MOST_TEXT_BYTES) throw new TilthError("freshness/too-long", { number: i + 1, bytes, limit: MOST_TEXT_BYTES });
  }
  if (sum > MOST_BATCH_BYTES) throw new TilthError("freshness/too-much", { bytes: sum, limit: MOST_BATCH_BYTES });
}

/**
 * Reads a file with a text a line; blank lines are none.
 *
 * @throws {@link TilthError} `freshness/too-much`, what the source throws.
 */
export async function readTexts(source: ByteSource): Promise<readonly string[]> {
  const chunks: string[] = [];
  let bytes = 0;
  for await (const chunk of textChunks(source, {})) {
    bytes += Buffer.byteLength(chunk);
    if (bytes > MOST_BATCH_BYTES) throw new TilthError("freshness/too-much", { bytes, limit: MOST_BATCH_BYTES });
    chunks.push(chunk);
  }
  return chunks
    .join("")
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== "");
}
