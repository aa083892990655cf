import type { Hash } from "node:crypto";
import { createHash, hash } from "node:crypto";
import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import type { VersionColumn } from "../schema/column.ts";
import type { Chunk } from "../schema/manifest.ts";
import { sha256File } from "../text/hash.ts";
import type { Block, Row } from "./cells.ts";
import { blockLimits, createBlockEncoder, textUnits } from "./cells.ts";
import type { DuckSession } from "./duckdb.ts";
import type { ParquetWriter } from "./parquet.ts";
import { openParquetWriter } from "./parquet.ts";

/** What tells whether a chunk is there already: equal = equal rows. */
export interface ChunkIdentity {
  readonly rows: number;
  readonly min: string;
  readonly max: string;
  readonly cells: string;
}

export interface WriteChunksOptions {
  readonly objects: Objects;
  readonly session: DuckSession;
  /** The first one is the key. */
  readonly columns: readonly VersionColumn[];
  /** T of chunking rule 1. */
  readonly targetRows: number;
  /** The chunk that holds these rows already, if any: it is not written again. */
  readonly reuse: (identity: ChunkIdentity) => Chunk | undefined | Promise<Chunk | undefined>;
  /** Told of each chunk as soon as the store has it. */
  readonly onWritten?: (chunk: Chunk) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** T of chunking rule 1: about 12 MB a chunk of ordinary rows. */
export const defaultTargetRows = 65_536;

/** Above this a chunk's rows wait in DuckDB, which can move them to disk. */
const HELD_BYTES = 256 * 1_024 * 1_024;

/**
 * Cuts rows in key order into chunks by chunking rule 1 and writes those that are not there yet as Parquet.
 *
 * One chunk is in memory at a time. Time linear in the rows; a chunk that is reused costs its reading and its digest alone.
 *
 * @param batches - Rows in the byte order of their keys, each key once.
 * @throws TilthError `storage/write-failed`
 */
export async function writeChunks(batches: AsyncIterable<readonly Row[]>, options: WriteChunksOptions): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  const encode = createBlockEncoder(options.columns);
  let writer: ParquetWriter | undefined;
  let open = startChunk();
  let pending: Row[] = [];
  let units = 0;
  const seal = async (): Promise<void> => {
    if (pending.length === 0) return;
    const block = encode(pending);
    open.digest.update(block.bytes);
    open.blocks.push(block);
    open.heldBytes += block.bytes.length;
    pending = [];
    units = 0;
    if (open.heldBytes < HELD_BYTES) return;
    writer ??= await openParquetWriter(options.session, options.columns);
    handOver(open, writer);
  };
  const finish = async (): Promise<void> => {
    await seal();
    const identity = { rows: open.rows, min: open.min, max: open.max, cells: open.digest.digest("hex") };
    const known = await options.reuse(identity);
    // A chunk that DuckDB holds in part has to be written out to be forgotten.
    if (known === undefined || open.handedOver) {
      writer ??= await openParquetWriter(options.session, options.columns);
      handOver(open, writer);
      const chunk = await writeChunk(options.objects, writer, identity);
      await options.onWritten?.(chunk);
      chunks.push(chunk);
    } else chunks.push(known);
    open = startChunk();
  };
  for await (const rows of batches) {
    options.signal?.throwIfAborted();
    for (const row of rows) {
      const key = keyOf(row);
      if (open.rows === 0) open.min = key;
      open.max = key;
      open.rows++;
      pending.push(row);
      units += textUnits(row);
      if (endsChunk(key, open.rows, options.targetRows)) await finish();
      else if (pending.length === blockLimits.rows || units >= blockLimits.units) await seal();
    }
  }
  if (open.rows > 0) await finish();
  return chunks;
}

/**
 * Chunking rule 1: a chunk ends after a row when it has T/2 rows or more and the row's key falls on a boundary, or when it has 2T rows.
 *
 * The key's place is the first four bytes of its SHA-256, big-endian, modulo T/2. Only keys decide: editing values moves no boundary, and
 * two stores with the same keys cut at the same places.
 */
export function endsChunk(key: string, rowsInChunk: number, targetRows: number): boolean {
  if (rowsInChunk >= 2 * targetRows) return true;
  if (rowsInChunk < targetRows / 2) return false;
  return Number.parseInt(hash("sha256", key).slice(0, 8), 16) % (targetRows / 2) === 0;
}

/** A chunk that rows are still being added to. */
interface OpenChunk {
  rows: number;
  min: string;
  max: string;
  readonly digest: Hash;
  blocks: Block[];
  heldBytes: number;
  /** True when DuckDB holds some of its rows. */
  handedOver: boolean;
}

function startChunk(): OpenChunk {
  return { rows: 0, min: "", max: "", digest: createHash("sha256"), blocks: [], heldBytes: 0, handedOver: false };
}

function handOver(open: OpenChunk, writer: ParquetWriter): void {
  for (const block of open.blocks) writer.append(block);
  open.blocks = [];
  open.heldBytes = 0;
  open.handedOver = true;
}

async function writeChunk(objects: Objects, writer: ParquetWriter, identity: ChunkIdentity): Promise<Chunk> {
  const file = objects.temporary();
  await writer.writeTo(file);
  const { sha256, sizeBytes } = await sha256File(file);
  await objects.put(objectKey(sha256, "parquet"), file, sha256);
  return { object: sha256, bytes: sizeBytes, ...identity };
}

function keyOf(row: Row): string {
  const [key] = row;
  if (typeof key === "string") return key;
  throw new TypeError("the first column of a version row is its key");
}
