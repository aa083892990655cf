import type { Span } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { unpacked } from "./columns.ts";
import type { ReadRemark } from "./format.ts";
import { isList } from "./reading.ts";

/** Spans with what could not be right about them. */
export interface Entities {
  readonly spans: readonly Span[];
  readonly remarks: readonly ReadRemark[];
}

/**
 * Reads entities as objects `{ label, start, end, surface? }` or as document 2's tuples `[text, label, start, end]`, whose two strings
 * stand in either order. Absent where the value is no list of these.
 *
 * Offsets are tried as code points; where the text there is not the surface, as UTF-16 units; where neither fits, they stay as they are
 * with a remark.
 */
export function readEntities(value: Json, text: string): Entities | undefined {
  const list = unpacked(value);
  if (!isList(list)) return undefined;
  const remarks: ReadRemark[] = [];
  const spans: Span[] = [];
  for (const item of list) {
    const told = isList(item) ? fromTuple(item, text) : fromObject(item);
    if (told === undefined) return undefined;
    const span = placed(told, text);
    if (span === undefined)
      remarks.push({
        rule: "span-invalid",
        message: "the text between the offsets of an entity is not its surface",
        at: `/entities/${spans.length}`,
      });
    spans.push(span ?? { ...told, surface: told.surface ?? "" });
  }
  return { spans, remarks };
}

/** Spans as document 2's tuples. */
export function tuplesOf(spans: readonly Span[]): readonly Json[] {
  return spans.map(({ surface, label, start, end }) => [surface, label, start, end]);
}

interface Told {
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly surface?: string;
}

function fromObject(item: Json): Told | undefined {
  if (!isJsonObject(item)) return undefined;
  const { label, start, end } = item;
  const surface = item["surface"] ?? item["text"];
  if (typeof label !== "string" || !isOffset(start) || !isOffset(end)) return undefined;
  return typeof surface === "string" ? { label, start, end, surface } : { label, start, end };
}

function fromTuple(item: readonly Json[], text: string): Told | undefined {
  const [one, other, start, end] = item;
  if (item.length !== 4 || typeof one !== "string" || typeof other !== "string" || !isOffset(start) || !isOffset(end)) return undefined;
  const usual = { surface: one, label: other, start, end };
  const swapped = { surface: other, label: one, start, end };
  return placed(usual, text) === undefined && placed(swapped, text) !== undefined ? swapped : usual;
}

function isOffset(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

/** The span in code points with its surface, absent where the text there is another or there is none. */
function placed({ label, start, end, surface }: Told, text: string): Span | undefined {
  if (start < 0 || end <= start) return undefined;
  const points = codePoints(text);
  if (end <= points.length) {
    const slice = points.slice(start, end);
    const found = typeof slice === "string" ? slice : slice.join("");
    if (surface === undefined || surface === found) return { label, start, end, surface: found };
  }
  if (typeof points === "string" || surface === undefined || text.slice(start, end) !== surface) return undefined;
  return { label, start: codePoints(text.slice(0, start)).length, end: codePoints(text.slice(0, end)).length, surface };
}

/** A text whose elements are code points: itself where no character takes two UTF-16 units. */
function codePoints(text: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}
