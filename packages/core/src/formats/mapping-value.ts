import type { Json, JsonObject } from "../schema/json.ts";
import { textOf } from "./columns.ts";
import type { FilterStep } from "./mapping-filters.ts";
import { applyFilters, mapFilters } from "./mapping-filters.ts";
import type { ColumnPath, Place } from "./mapping-path.ts";
import { columnPath, follow } from "./mapping-path.ts";
import type { FilterCall, MapValue } from "./mapping-syntax.ts";
import { printFilter, printValue } from "./mapping-syntax.ts";

/** A parsed value, ready to be looked up in rows. */
export interface BoundValue {
  /** The column as it was written, for messages. */
  readonly column: string;
  readonly source: string | ColumnPath | readonly (string | BoundReference)[];
  readonly filters: BoundFilters;
}

/** A column that says a part of the name of another. */
export interface BoundReference {
  readonly path: ColumnPath;
  readonly filters: BoundFilters;
}

interface BoundFilters {
  readonly steps: readonly FilterStep[];
  readonly calls: readonly FilterCall[];
}

/** Makes a value ready; everything in it was checked when it was parsed. */
export function bindValue(value: MapValue): BoundValue {
  const { source, filters } = value;
  return { column: printValue({ source, filters: [] }), source: bindSource(source), filters: bindFilters(filters) };
}

/** What a value is in a row, and the place it came from; or why a filter cannot read it, without saying the value. */
export type Evaluated = { readonly value: Json | undefined; readonly place?: Place } | { readonly problem: string };

/** Looks a value up in a row and runs its filters. */
export function evaluate({ source, filters, column }: BoundValue, row: JsonObject): Evaluated {
  if (typeof source === "string") return filtered(source, filters, column);
  const path = pathIn(source, row);
  if (path === undefined) return filtered(undefined, filters, column);
  if ("problem" in path) return path;
  const found = follow(row, path);
  const result = filtered(found?.value, filters, column);
  return found === undefined || "problem" in result ? result : { ...result, place: found.place };
}

/** The path that a value reads in a row; absent where a column that should say it is empty there. */
export function pathIn(
  source: Exclude<BoundValue["source"], string>,
  row: JsonObject,
): ColumnPath | undefined | { readonly problem: string } {
  if ("readings" in source) return source;
  let name = "";
  for (const part of source) {
    if (typeof part === "string") name += part;
    else {
      const said = filtered(follow(row, part.path)?.value, part.filters, part.path.text);
      if ("problem" in said) return said;
      if (said.value === undefined || said.value === "") return undefined;
      const text = textOf(said.value);
      if (text === undefined) return { problem: `\`${part.path.text}\` is no text and can name no column` };
      name += text;
    }
  }
  return columnPath(name);
}

function bindSource(source: MapValue["source"]): BoundValue["source"] {
  if (source.kind === "constant") return source.text;
  const [only] = source.parts;
  if (source.parts.length === 1 && typeof only === "string") return columnPath(only);
  return source.parts.map((part) =>
    typeof part === "string" ? part : { path: columnPath(part.column), filters: bindFilters(part.filters) },
  );
}

function bindFilters(calls: readonly FilterCall[]): BoundFilters {
  const steps = calls.flatMap(({ name, arguments: [first = "", second = ""] }) => {
    const step = mapFilters[name]?.compile(first, second);
    return step === undefined || "problem" in step ? [] : [step];
  });
  return { steps, calls };
}

function filtered(
  value: Json | undefined,
  { steps, calls }: BoundFilters,
  column: string,
): { readonly value: Json | undefined } | { readonly problem: string } {
  const result = applyFilters(steps, value);
  if ("value" in result) return result;
  const call = calls[result.failed];
  return { problem: `\`${column}\` cannot be read by ${call === undefined ? "its filter" : `\`${printFilter(call)}\``}` };
}
