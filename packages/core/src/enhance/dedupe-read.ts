import type { Filter } from "../schema/filter.ts";
import type { Kind } from "../schema/content.ts";
import { kinds } from "../schema/content.ts";
import type { ComparisonRow } from "../similarity/comparison-text.ts";
import { comparisonColumns, comparisonGroup } from "../similarity/comparison-text.ts";
import { meanSize, shingleWordsFor } from "../similarity/near.ts";
import { filterExpression } from "../storage/queries.ts";
import type { ColumnValue, Snapshot } from "../storage/storage.ts";
import type { ByteKernels } from "../text/kernels/load.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import { newKeyNumbers } from "./dedupe-numbers.ts";
import { newSetGathering } from "./dedupe-sets.ts";
import type { Strategy } from "./dedupe-strategies.ts";

/** Which examples are compared: active ones that fit, of one dataset or of the whole pool. */
export interface Choice {
  readonly where?: Filter;
  readonly datasetId?: string;
}

/** What is kept of the examples while they are compared, one entry an example; their texts are not. */
export interface ReadExamples {
  readonly ids: readonly string[];
  readonly kinds: readonly Kind[];
  readonly revs: Int32Array;
  /** NaN where there is no score. */
  readonly quality: Float64Array;
  readonly createdAtMs: Float64Array;
  /** 0 where an example is left out of training: it stands for none that is not. */
  readonly trained: Uint8Array;
  /** Half of the input's hash and of the content's: enough to find what is looked at closer. */
  readonly inputs: BigInt64Array;
  readonly contents: BigInt64Array;
  readonly parents: ReadonlyMap<number, string>;
  /** The number of the compared text; equal where one key is, -1 where there are no words. */
  readonly texts: Int32Array;
  readonly textCount: number;
  /** Sets of the texts by their number, where shingles are compared. */
  readonly shingles?: { readonly sets: ShingleSets; readonly words: number };
}

export interface ReadOptions {
  readonly strategy: Strategy;
  readonly kernels: ByteKernels;
  /** Texts of one shingle alone reach no other text than an equal one from 0.5 on. */
  readonly threshold: number;
  readonly signal?: AbortSignal;
  readonly progress?: (at: { readonly done: number; readonly total: number }) => void;
}

/** Reads examples batch by batch, each text becoming numbers at once. Long texts are read twice: their shingles are to be wider. */
export async function readExamples(snapshot: Snapshot, choice: Choice, options: ReadOptions): Promise<ReadExamples> {
  const read = await readOnce(snapshot, choice, options, NARROW);
  if (read.shingles === undefined || shingleWordsFor(meanSize(read.shingles.sets) + NARROW - 1) === NARROW) return read;
  return readOnce(snapshot, choice, options, WIDE);
}

/** The active examples that are chosen. */
export function chosen({ queries }: Snapshot, { where, datasetId }: Choice) {
  let query = queries.selectFrom("example").where("lifecycle", "=", "active");
  if (where !== undefined) query = query.where((builder) => filterExpression(builder, where));
  if (datasetId === undefined) return query;
  return query.where("n", "in", (from) => from.selectFrom("member").select("member.n").where("dataset_id", "=", datasetId));
}

/** How many there are. */
export async function countChosen(snapshot: Snapshot, choice: Choice): Promise<number> {
  const counted = await chosen(snapshot, choice)
    .select(({ fn }) => fn.countAll<number>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(counted.rows);
}

/** The columns of {@link comparisonColumns} out of a row that begins with them. */
export function comparisonRowOf(cells: readonly ColumnValue[]): ComparisonRow {
  const [kind, input, output, context, rejected, body, label, intent, sentiment, persona, categories] = cells;
  return {
    kind: kindOf(kind),
    input_text: textOf(input) ?? "",
    output_text: textOf(output),
    context: textOf(context),
    rejected_output: textOf(rejected),
    body: textOf(body),
    label: typeof label === "number" ? label : null,
    intent: textOf(intent),
    sentiment: textOf(sentiment),
    persona: textOf(persona),
    categories: textOf(categories),
  };
}

const NARROW = 3;
const WIDE = 5;

const columns = [
  ...comparisonColumns,
  ...(["id", "rev", "quality_score", "created_at", "include_in_training", "input_hash", "content_hash", "parent_id"] as const),
] as const;

async function readOnce(snapshot: Snapshot, choice: Choice, options: ReadOptions, words: number): Promise<ReadExamples> {
  const { strategy, kernels, threshold, signal, progress } = options;
  const total = await countChosen(snapshot, choice);
  const columnsRead = newColumns(total);
  const numbers = newKeyNumbers();
  const sets = newSetGathering({ most: total, leastSize: threshold > 0.5 ? 2 : 1 });
  let done = 0;
  for await (const batch of snapshot.scan(chosen(snapshot, choice).select(columns), signal === undefined ? {} : { signal })) {
    const rows = batch.map(comparisonRowOf);
    const groups = rows.map(comparisonGroup);
    const texts = rows.map(strategy.textOf);
    const keys = strategy.keysOf(texts, groups);
    const fresh: { readonly text: string; readonly group: string }[] = [];
    for (const [i, cells] of batch.entries()) {
      const before = numbers.count;
      const [a, b] = [keys[2 * i] ?? 0, keys[2 * i + 1] ?? 0];
      const number = a === 0 && b === 0 ? -1 : numbers.numberOf(a, b);
      if (number === before) fresh.push({ text: texts[i] ?? "", group: groups[i] ?? "" });
      columnsRead.texts[done + i] = number;
      putRow(columnsRead, done + i, cells);
    }
    if (strategy.comparesShingles) {
      const shingled = kernels.shingleSets(
        fresh.map(({ text }) => text),
        words,
      );
      sets.add(
        shingled,
        fresh.map(({ group }) => group),
      );
    }
    done += batch.length;
    progress?.({ done, total });
  }
  return { ...columnsRead, textCount: numbers.count, ...(strategy.comparesShingles ? { shingles: { sets: sets.finish(), words } } : {}) };
}

type Columns = Omit<ReadExamples, "ids" | "kinds" | "parents" | "textCount" | "shingles"> & {
  readonly ids: string[];
  readonly kinds: Kind[];
  readonly parents: Map<number, string>;
};

function newColumns(total: number): Columns {
  return {
    ids: [],
    kinds: [],
    revs: new Int32Array(total),
    quality: new Float64Array(total),
    createdAtMs: new Float64Array(total),
    trained: new Uint8Array(total),
    inputs: new BigInt64Array(total),
    contents: new BigInt64Array(total),
    parents: new Map(),
    texts: new Int32Array(total),
  };
}

function putRow(read: Columns, row: number, cells: readonly ColumnValue[]): void {
  const [id, rev, quality, createdAt, trained, input, content, parent] = cells.slice(comparisonColumns.length);
  read.ids.push(textOf(id) ?? "");
  read.kinds.push(kindOf(cells[0]));
  read.revs[row] = Number(rev);
  read.quality[row] = typeof quality === "number" ? quality : Number.NaN;
  read.createdAtMs[row] = Number(createdAt);
  read.trained[row] = Number(trained);
  read.inputs[row] = halfOf(input);
  read.contents[row] = halfOf(content);
  if (typeof parent === "string") read.parents.set(row, parent);
}

function halfOf(hash: ColumnValue | undefined): bigint {
  if (!(hash instanceof Uint8Array)) throw new TypeError("a hash is a blob");
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).readBigInt64LE();
}

function kindOf(cell: ColumnValue | undefined): Kind {
  const kind = kinds.find((known) => known === cell);
  if (kind === undefined) throw new TypeError("the table holds known kinds alone");
  return kind;
}

function textOf(cell: ColumnValue | undefined): string | null {
  return typeof cell === "string" ? cell : null;
}
