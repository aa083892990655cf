import type { Content } from "../schema/content.ts";
import type { Example, Kept, NewExample } from "../schema/example.ts";
import { identityOf } from "../schema/identity.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { toHex } from "../text/hash.ts";
import type { Format, ReadContext, ReadRemark, Reading, Refused, Writing } from "./format.ts";

/** A stored example of this content, plain in everything that is not told. */
export function stored(content: Content, told: Partial<Kept> = {}): Example {
  const { contentHash, inputHash } = identityOf(content);
  return {
    ...content,
    id: "01JD0000000000000000000001",
    rev: 1,
    source: "test",
    sourceKind: "manual",
    groupKey: told.id ?? "01JD0000000000000000000001",
    domain: "general",
    tags: [],
    weight: 1,
    quality: { tier: "unverified", factors: {} },
    reviewStatus: "pending",
    lifecycle: "active",
    includeInTraining: true,
    wasCorrected: false,
    validated: false,
    createdAt: "2026-01-02T03:04:05.000Z",
    createdBy: "test",
    updatedAt: "2026-01-02T03:04:05.000Z",
    contentHash: toHex(contentHash),
    inputHash: toHex(inputHash),
    metadata: {},
    ...told,
  };
}

/** The one example of a row, which must have been read. */
export function readOne(format: Format, row: Json, fileKind: ReadContext["fileKind"] = "jsonl"): NewExample {
  const { examples } = read(format, row, fileKind);
  const [example] = examples;
  if (example === undefined || examples.length !== 1) throw new Error(`${examples.length} examples`);
  return example;
}

/** The remarks on a row, which must have been read. */
export function remarksOn(format: Format, row: Json): readonly ReadRemark[] {
  return read(format, row, "jsonl").remarks ?? [];
}

/** Why a row was refused; it must have been. */
export function refusalOf(format: Format, row: Json, fileKind: ReadContext["fileKind"] = "jsonl"): Refused {
  const reading = readingOf(format, row, fileKind);
  if ("refused" in reading) return reading;
  throw new Error(`was read: ${JSON.stringify(reading.examples)}`);
}

/** What a format writes of examples as a whole file, with the keys that any of them needs. */
export function writeAll(format: Format, examples: readonly Example[], settings: JsonObject = {}): readonly Writing[] {
  const needs = new Set(examples.flatMap((example) => format.needs?.(example, settings) ?? []));
  return examples.map((example) => {
    const writing = format.write?.(example, { split: "train", needs, settings });
    if (writing === undefined) throw new Error(`${format.name} does not write`);
    return writing;
  });
}

/** The lines of a file that holds these examples, as JSON Lines. */
export function linesOf(format: Format, examples: readonly Example[], settings: JsonObject = {}): string {
  return writeAll(format, examples, settings)
    .flatMap((writing) => ("rows" in writing ? writing.rows : []))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join("");
}

function read(format: Format, row: Json, fileKind: ReadContext["fileKind"]): Extract<Reading, { readonly examples: unknown }> {
  const reading = readingOf(format, row, fileKind);
  if ("refused" in reading) throw new Error(`${reading.refused}: ${reading.reason}`);
  return reading;
}

function readingOf(format: Format, row: Json, fileKind: ReadContext["fileKind"]): Reading {
  if (format.read === undefined) throw new Error(`${format.name} does not read`);
  return format.read(row, { fileKind });
}
