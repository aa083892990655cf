import type { FileBatch } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";

/** Rows looked at before the format is decided. */
const SAMPLE_ROWS = 200;

/** Where none of so many records can be read, none is waited for: what was read meanwhile is held in memory. */
const RECORDS_SEEN = 5_000;

/** Reads until enough rows are there to recognise a format, then gives all batches from the first on. */
export async function withSample(
  batches: AsyncIterable<FileBatch>,
): Promise<{ readonly sample: readonly Json[]; readonly all: AsyncIterable<FileBatch> }> {
  const iterator = batches[Symbol.asyncIterator]();
  const early: FileBatch[] = [];
  const sample: Json[] = [];
  let seen = 0;
  while (sample.length < SAMPLE_ROWS && seen < RECORDS_SEEN) {
    const next = await iterator.next();
    if (next.done === true) break;
    early.push(next.value);
    seen += next.value.records.length;
    for (const record of next.value.records) if ("value" in record && sample.length < SAMPLE_ROWS) sample.push(record.value);
  }
  return { sample, all: chained(early, iterator) };
}

async function* chained(early: readonly FileBatch[], rest: AsyncIterator<FileBatch>): AsyncIterable<FileBatch> {
  try {
    yield* early;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
