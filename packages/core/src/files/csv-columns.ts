import type { FileReadOptions } from "../schema/file-kind.ts";
import type { JsonObject } from "../schema/json.ts";

/** The names of the columns, each once. */
export interface CsvColumns {
  readonly names: readonly string[];
  /** A column called `__proto__` needs care, and only then. */
  readonly hasProto: boolean;
}

/** Takes the names from the first row; those that are empty or there already become `column_3` or `name_2`, and are said. */
export function csvColumns(first: readonly string[], options: FileReadOptions): CsvColumns {
  const taken = new Set(options.headless === true ? [] : first);
  const used = new Set<string>();
  const changed: string[] = [];
  const names = first.map((cell, index) => {
    const isFree = options.headless !== true && cell.trim() !== "" && !used.has(cell);
    const name = isFree ? cell : freeName(options.headless === true || cell.trim() === "" ? `column_${index + 1}` : cell, taken, used);
    if (!isFree) changed.push(name);
    used.add(name);
    return name;
  });
  if (changed.length > 0) {
    const message = `Columns without a name of their own are called ${changed.slice(0, 10).join(", ")}${changed.length > 10 ? " …" : ""}.`;
    options.note?.({ what: "layout", value: String(changed.length), message });
  }
  return { names, hasProto: used.has("__proto__") };
}

/** A row by the names of its columns. */
export function csvRow(columns: CsvColumns, cells: readonly string[]): JsonObject {
  if (columns.hasProto) return Object.fromEntries(columns.names.map((name, index) => [name, cells[index] ?? ""]));
  const row: Record<string, string> = {};
  for (let index = 0; index < columns.names.length; index++) row[columns.names[index] ?? ""] = cells[index] ?? "";
  return row;
}

function freeName(name: string, taken: ReadonlySet<string>, used: ReadonlySet<string>): string {
  const isTaken = (candidate: string): boolean => taken.has(candidate) || used.has(candidate);
  if (!isTaken(name)) return name;
  let number = 2;
  while (isTaken(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
