import { TilthError } from "../errors.ts";
import { nearest } from "../text/nearest.ts";
import { codePointLength } from "../text/words.ts";
import { mapFilters } from "./mapping-filters.ts";

/** Where a value comes from and what is done to it: the right side of `FIELD=VALUE`. */
export interface MapValue {
  readonly source: MapSource;
  readonly filters: readonly FilterCall[];
}

export type MapSource =
  | { readonly kind: "constant"; readonly text: string }
  /** One text is a column or a path; more parts are the name of a column that other columns say. */
  | { readonly kind: "column"; readonly parts: readonly (string | ColumnReference)[] };

/** `{label|swap(1,2)}` inside the name of a column. */
export interface ColumnReference {
  readonly column: string;
  readonly filters: readonly FilterCall[];
}

export interface FilterCall {
  readonly name: string;
  readonly arguments: readonly string[];
}

/**
 * Parses the right side of an entry, from `start` on: a constant in single quotes, a column, a path or a column named by columns, and
 * filters after `|`.
 *
 * @throws {@link TilthError} `map/syntax` with the position, counted in code points of the entry from 1.
 */
export function parseValue(entry: string, start: number): MapValue {
  const cursor: Cursor = { entry, at: start };
  skipSpaces(cursor);
  const source: MapSource =
    entry[cursor.at] === "'" ? { kind: "constant", text: readQuoted(cursor) } : { kind: "column", parts: readColumn(cursor) };
  const filters = readFilters(cursor);
  if (cursor.at < entry.length)
    throw mapSyntaxError(entry, cursor.at, `${found(cursor)} cannot stand here`, "`|` and a filter, or the end");
  return { source, filters };
}

/** Writes a value in the one way that {@link parseValue} reads back. */
export function printValue({ source, filters }: MapValue): string {
  const text = source.kind === "constant" ? quote(source.text, "'") : source.parts.map(printPart).join("");
  return `${text}${printFilters(filters)}`;
}

/** A filter as it is written. */
export function printFilter({ name, arguments: given }: FilterCall): string {
  if (given.length === 0) return name;
  const several = given.length > 1;
  return `${name}(${given.map((text) => (name === "default" || !isBareArgument(text, several) ? quote(text, "'") : text)).join(",")})`;
}

/** Makes the error for something that cannot stand at this index of an entry. */
export function mapSyntaxError(entry: string, at: number, problem: string, expected: string): TilthError<"map/syntax"> {
  return new TilthError("map/syntax", { entry, column: codePointLength(entry.slice(0, at)) + 1, problem, expected });
}

interface Cursor {
  readonly entry: string;
  at: number;
}

function skipSpaces(cursor: Cursor): void {
  while (/\s/.test(cursor.entry[cursor.at] ?? "")) cursor.at++;
}

function found({ entry, at }: Cursor): string {
  return at >= entry.length ? "the end" : `\`${String.fromCodePoint(entry.codePointAt(at) ?? 0)}\``;
}

function readColumn(cursor: Cursor): (string | ColumnReference)[] {
  const parts: (string | ColumnReference)[] = [];
  const start = cursor.at;
  for (;;) {
    const text = readName(cursor, parts.length === 0, "{|");
    if (cursor.entry[cursor.at] !== "{") {
      if (text.trimEnd() !== "") parts.push(text.trimEnd());
      break;
    }
    if (text !== "") parts.push(text);
    parts.push(readReference(cursor));
  }
  if (parts.length === 0)
    throw mapSyntaxError(cursor.entry, start, `${found(cursor)} stands where a column should`, "a column or a constant in single quotes");
  return parts;
}

/** Text up to one of the stops; what stands in double quotes at the start of a name is part of it. */
function readName(cursor: Cursor, atStart: boolean, stops: string): string {
  const { entry } = cursor;
  const start = cursor.at;
  while (cursor.at < entry.length && !stops.includes(entry[cursor.at] ?? "")) {
    const startsName = (cursor.at === start && atStart) || (cursor.at > start && entry[cursor.at - 1] === ".");
    if (entry[cursor.at] === '"' && startsName) readQuoted(cursor);
    else cursor.at++;
  }
  return entry.slice(start, cursor.at);
}

function readReference(cursor: Cursor): ColumnReference {
  const open = cursor.at++;
  skipSpaces(cursor);
  const column = readName(cursor, true, "{|}").trimEnd();
  if (column === "")
    throw mapSyntaxError(cursor.entry, cursor.at, `${found(cursor)} stands where a column should`, "a column between the braces");
  const filters = readFilters(cursor);
  if (cursor.at >= cursor.entry.length) throw mapSyntaxError(cursor.entry, open, "the brace is never closed", "a closing `}`");
  if (cursor.entry[cursor.at] !== "}")
    throw mapSyntaxError(cursor.entry, cursor.at, `${found(cursor)} cannot stand here`, "`|` and a filter, or `}`");
  cursor.at++;
  return { column, filters };
}

function readFilters(cursor: Cursor): FilterCall[] {
  const filters: FilterCall[] = [];
  for (skipSpaces(cursor); cursor.entry[cursor.at] === "|"; skipSpaces(cursor)) {
    cursor.at++;
    skipSpaces(cursor);
    filters.push(readFilter(cursor));
  }
  return filters;
}

const USAGES = Object.values(mapFilters)
  .map(({ usage }) => `\`${usage}\``)
  .join(" ");

function readFilter(cursor: Cursor): FilterCall {
  const { entry } = cursor;
  const start = cursor.at;
  while (/[\p{L}\p{N}_-]/u.test(entry[cursor.at] ?? "")) cursor.at++;
  const name = entry.slice(start, cursor.at);
  if (name === "") throw mapSyntaxError(entry, start, `${found(cursor)} stands where a filter should`, `one of ${USAGES}`);
  const filter = Object.hasOwn(mapFilters, name) ? mapFilters[name] : undefined;
  if (filter === undefined) {
    const meant = nearest(name, Object.keys(mapFilters));
    throw mapSyntaxError(
      entry,
      start,
      `there is no filter \`${name}\``,
      meant === undefined ? `one of ${USAGES}` : `\`${mapFilters[meant]?.usage ?? meant}\``,
    );
  }
  skipSpaces(cursor);
  const given = entry[cursor.at] === "(" ? readArguments(cursor, filter.arguments) : [];
  if (given.length !== filter.arguments)
    throw mapSyntaxError(entry, start, `\`${name}\` has ${count(given.length)}`, `\`${filter.usage}\``);
  const step = filter.compile(given[0] ?? "", given[1] ?? "");
  if ("problem" in step) throw mapSyntaxError(entry, start, step.problem, step.expected);
  return { name, arguments: given };
}

/** A filter of one argument takes all that stands in the parentheses: `split(,)` splits at commas. */
function readArguments(cursor: Cursor, wanted: number): string[] {
  const { entry } = cursor;
  const open = cursor.at++;
  const given: string[] = [];
  for (;;) {
    skipSpaces(cursor);
    if (entry[cursor.at] === "'") {
      given.push(readQuoted(cursor));
      skipSpaces(cursor);
    } else {
      const start = cursor.at;
      const stops = wanted > 1 ? ",)" : ")";
      // A lone `)` right after the opening one could be meant as itself, but then it stands in quotes.
      while (cursor.at < entry.length && !stops.includes(entry[cursor.at] ?? "")) cursor.at++;
      const text = entry.slice(start, cursor.at).trim();
      if (text !== "" || entry[cursor.at] === ",") given.push(text);
    }
    if (cursor.at >= entry.length) throw mapSyntaxError(entry, open, "the parenthesis is never closed", "a closing `)`");
    const stop = entry[cursor.at++];
    if (stop === ")") return given;
    if (stop !== ",") throw mapSyntaxError(entry, cursor.at - 1, `\`${stop}\` cannot stand here`, "`,` or `)`");
  }
}

const escapes: { readonly [letter: string]: string | undefined } = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

function readQuoted(cursor: Cursor): string {
  const { entry } = cursor;
  const open = cursor.at;
  const mark = entry[open] ?? "";
  let text = "";
  for (cursor.at++; cursor.at < entry.length; cursor.at++) {
    const letter = entry[cursor.at] ?? "";
    if (letter === mark) {
      cursor.at++;
      if (mark === '"' && text === "") throw mapSyntaxError(entry, open, "the quoted name is empty", "a column's name");
      return text;
    }
    if (letter !== "\\") text += letter;
    else {
      const meant = escapes[entry[++cursor.at] ?? ""];
      if (meant === undefined) throw mapSyntaxError(entry, cursor.at - 1, "this is no escape", "\\\\, \\', \\\", \\n, \\r or \\t");
      text += meant;
    }
  }
  throw mapSyntaxError(entry, open, "the quote is never closed", `a closing ${mark}`);
}

function count(given: number): string {
  return given === 0 ? "no argument" : given === 1 ? "one argument" : `${given} arguments`;
}

function printPart(part: string | ColumnReference): string {
  return typeof part === "string" ? part : `{${part.column}${printFilters(part.filters)}}`;
}

function printFilters(filters: readonly FilterCall[]): string {
  return filters.map((filter) => `|${printFilter(filter)}`).join("");
}

function isBareArgument(text: string, several: boolean): boolean {
  return (
    text !== "" &&
    text === text.trim() &&
    !text.startsWith("'") &&
    !text.includes(")") &&
    !(several && text.includes(",")) &&
    !/\p{Cc}/u.test(text)
  );
}

const spelled: { readonly [character: string]: string | undefined } = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

function quote(text: string, mark: "'" | '"'): string {
  return `${mark}${text.replaceAll(/[\n\r\t\\'"]/g, (letter) => spelled[letter] ?? (letter === mark ? `\\${mark}` : letter))}${mark}`;
}
