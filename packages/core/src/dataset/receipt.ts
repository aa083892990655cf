import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";

/** A dotfile, since readers that load every JSON file in a folder must not see it. */
export const receiptName = ".tilth-receipt.json";

/** Where the ids of a file's rows lie, one a line in row order. */
export function idsName(file: string): string {
  return `.tilth-ids/${file}.ids`;
}

/** Where the refused examples of a split are listed with their reasons. */
export function refusedName(split: string): string {
  return `.tilth-refused/${split}.jsonl`;
}

export interface ReceiptFile {
  readonly name: string;
  readonly split: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** One export: what was written, from what and how; enough to write the same bytes again. */
export interface ReceiptEntry {
  readonly format: string;
  readonly fileKind: string;
  readonly dataset: string;
  /** Label of the version, or the word that stood for it. */
  readonly version: string;
  /** SHA-256 of the manifest and of the recipe; absent where no version was exported. */
  readonly manifest?: string;
  readonly recipe?: string;
  readonly options: JsonObject;
  readonly examples: { readonly read: number; readonly written: number; readonly refused: number; readonly sampledOut: number };
  readonly losses: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly files: readonly ReceiptFile[];
}

/** What an export folder holds. Every file stands in one entry. */
export interface Receipt {
  readonly format: 1;
  readonly exports: readonly ReceiptEntry[];
}

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const options: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const receiptSchema: z.ZodType<Receipt> = z.object({
  format: z.literal(1),
  exports: z.array(
    z.object({
      format: z.string(),
      fileKind: z.string(),
      dataset: z.string(),
      version: z.string(),
      manifest: z.exactOptional(z.string()),
      recipe: z.exactOptional(z.string()),
      options,
      examples: z.object({ read: count, written: count, refused: count, sampledOut: count }),
      losses: z.record(z.string(), count),
      refusals: z.record(z.string(), count),
      files: z.array(z.object({ name: z.string(), split: z.string(), rows: count, bytes: count, sha256: hash })),
    }),
  ),
});

/**
 * Reads the receipt of a folder; an empty one where there is none.
 *
 * @throws {@link TilthError} `export/bad-receipt` when the file of that name is no receipt: it is not overwritten.
 */
export async function readReceipt(folder: string): Promise<Receipt> {
  const path = join(folder, receiptName);
  try {
    return receiptSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return { format: 1, exports: [] };
    throw new TilthError("export/bad-receipt", { path }, { cause });
  }
}

/** Adds an export. Files that it wrote anew leave the entries of earlier exports; an entry without files goes. */
export function addToReceipt(receipt: Receipt, entry: ReceiptEntry): Receipt {
  const names = new Set(entry.files.map(({ name }) => name));
  const earlier = receipt.exports.map((old) => ({ ...old, files: old.files.filter(({ name }) => !names.has(name)) }));
  const kept = [...earlier, entry].filter(({ files }) => files.length > 0);
  return { format: 1, exports: kept.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)) };
}

/** The bytes of a receipt: keys in canonical order, two spaces a level, no clock. */
export function receiptText(receipt: Receipt): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(receipt)), undefined, 2)}\n`;
}

function nameOf({ files }: ReceiptEntry): string {
  return files[0]?.name ?? "";
}
