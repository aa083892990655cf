import type { SchemaElement } from "hyparquet";
import type { CellType } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { jsonText } from "./json-write.ts";

/** The schema of a file with these columns; every value may be absent. */
export function schemaOf(columns: ReadonlyMap<string, CellType>): SchemaElement[] {
  return [{ name: "schema", num_children: columns.size }, ...[...columns].flatMap(([name, type]) => elementsOf(name, type))];
}

/**
 * A column's element with all that is in it. Lists take the three levels of the standard.
 *
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists | Apache Parquet, lists}
 */
function elementsOf(name: string, type: CellType): readonly SchemaElement[] {
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  if (typeof type === "object") {
    if ("list" in type) {
      return [
        { ...optional, converted_type: "LIST", logical_type: { type: "LIST" }, num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        ...elementsOf("element", type.list),
      ];
    }
    const members = Object.entries(type.struct);
    return [{ ...optional, num_children: members.length }, ...members.flatMap(([member, inner]) => elementsOf(member, inner))];
  }
  switch (type) {
    case "string":
      return [{ ...optional, type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } }];
    case "json":
      return [{ ...optional, type: "BYTE_ARRAY", converted_type: "JSON", logical_type: { type: "JSON" } }];
    case "bool":
      return [{ ...optional, type: "BOOLEAN" }];
    case "i32":
      return [{ ...optional, type: "INT32" }];
    case "f64":
      return [{ ...optional, type: "DOUBLE" }];
    case "time": {
      const logical_type = { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" } as const;
      return [{ ...optional, type: "INT64", converted_type: "TIMESTAMP_MILLIS", logical_type }];
    }
  }
}

/** The type that holds all of these values: text, numbers or truth values where all are that, else JSON. */
export function inferredType(values: readonly Json[]): CellType {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  const [kind] = kinds;
  if (kinds.size !== 1) return "json";
  if (kind === "string") return "string";
  if (kind === "boolean") return "bool";
  return kind === "number" ? "f64" : "json";
}

/** A value as hyparquet's writer wants it for a type; absent for null. */
export function cellOf(value: Json, type: CellType): { readonly value: unknown } | "unfit" | undefined {
  if (value === null) return undefined;
  if (typeof type === "object") return "list" in type ? listCell(value, type.list) : structCell(value, type.struct);
  switch (type) {
    case "string":
      return typeof value === "string" ? { value } : "unfit";
    case "json":
      // The writer makes the text itself; only unpaired surrogates have to be mended before.
      return { value: JSON.stringify(value).includes("\\ud") ? JSON.parse(jsonText(value)) : value };
    case "bool":
      return typeof value === "boolean" ? { value } : "unfit";
    case "i32":
      return Number.isInteger(value) && typeof value === "number" && Math.abs(value) < 2 ** 31 ? { value } : "unfit";
    case "f64":
      return typeof value === "number" ? { value } : "unfit";
    case "time": {
      const time = typeof value === "string" ? new Date(value) : undefined;
      return time === undefined || Number.isNaN(time.getTime()) ? "unfit" : { value: time };
    }
  }
}

function listCell(value: Json, type: CellType): { readonly value: unknown } | "unfit" {
  if (!Array.isArray(value)) return "unfit";
  const cells = value.map((item: Json) => cellOf(item, type));
  return cells.includes("unfit") ? "unfit" : { value: cells.map((cell) => (cell === "unfit" ? undefined : cell?.value)) };
}

function structCell(value: Json, types: Readonly<Record<string, CellType>>): { readonly value: unknown } | "unfit" {
  if (!isJsonObject(value) || Object.keys(value).some((name) => types[name] === undefined)) return "unfit";
  const members: [string, unknown][] = [];
  for (const [name, type] of Object.entries(types)) {
    const cell = cellOf(value[name] ?? null, type);
    if (cell === "unfit") return "unfit";
    members.push([name, cell?.value]);
  }
  return { value: Object.fromEntries(members) };
}
