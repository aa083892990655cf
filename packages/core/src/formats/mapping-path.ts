import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { unpacked } from "./columns.ts";
import { isList } from "./reading.ts";

/** A step into JSON: the name of a member or the index of an element. */
export type Step = string | number;

/** Where a value lies in a row; the first step is the column. */
export type Place = readonly [string, ...Step[]];

/** A column, or a path into the JSON it holds. */
export interface ColumnPath {
  /** As it was written. */
  readonly text: string;
  /** Every way to read the text, the longest column name first: `a.b` is a column, else member `b` of the column `a`. */
  readonly readings: readonly Place[];
}

/**
 * Reads `question`, `turns[0]`, `data.q` or `"a name".q`. A text that is no path, such as `Price [EUR]`, can only be a column's name, so no
 * text is refused. A quoted name is taken as it is.
 */
export function columnPath(text: string): ColumnPath {
  const pieces = piecesOf(text);
  if (pieces === undefined) return { text, readings: [[text]] };
  const readings: Place[] = [];
  for (let last = pieces.length - 1; last >= 0; last--) {
    const name = pieces.slice(0, last + 1);
    if (last > 0 && name.some(({ quoted }) => quoted)) continue;
    const [first] = name;
    const column = last === 0 && first !== undefined ? String(first.step) : name.map(({ text: piece }) => piece).join("");
    readings.push([column, ...pieces.slice(last + 1).map(({ step }) => step)]);
  }
  return { text, readings };
}

/** A value of a row and its place. */
export interface Found {
  readonly value: Json;
  readonly place: Place;
}

/** The value a path leads to, through JSON text in cells as well; absent where the row has no such place. */
export function follow(row: JsonObject, path: ColumnPath): Found | undefined {
  for (const place of path.readings) {
    const value = at(row, place);
    if (value !== undefined) return { value, place };
  }
  return undefined;
}

/** The value one step further in; JSON text counts as what it says. */
export function stepInto(container: Json, step: Step): Json | undefined {
  const value = unpacked(container);
  if (typeof step === "number") return isList(value) ? value[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/**
 * What is left of a row without these places: whole columns and emptied containers are gone, taken elements of a list are `null` so that
 * the others keep their index.
 */
export function withoutPlaces(row: JsonObject, taken: readonly Place[]): [string, Json][] {
  const left: [string, Json][] = [];
  for (const [column, value] of Object.entries(row)) {
    const inside = taken.filter(([first]) => first === column).map(([, ...steps]) => steps);
    const rest = inside.length === 0 ? value : without(value, inside);
    if (rest !== undefined) left.push([column, rest]);
  }
  return left;
}

interface Piece {
  readonly step: Step;
  /** With its dot or brackets, as a part of a name. */
  readonly text: string;
  readonly quoted: boolean;
}

const FIRST = /"((?:[^"\\]|\\.)+)"|[^."[][^.[]*/suy;
const NEXT = /\.(?:"((?:[^"\\]|\\.)+)"|([^."[][^.[]*))|\[(\d{1,9})\]/suy;

function piecesOf(text: string): readonly Piece[] | undefined {
  FIRST.lastIndex = 0;
  const first = FIRST.exec(text);
  if (first === null) return undefined;
  const pieces: Piece[] = [{ step: unescaped(first[1]) ?? first[0], text: first[0], quoted: first[1] !== undefined }];
  NEXT.lastIndex = FIRST.lastIndex;
  while (NEXT.lastIndex < text.length) {
    const match = NEXT.exec(text);
    if (match === null) return undefined;
    const [whole, quoted, bare, index] = match;
    pieces.push({ step: unescaped(quoted) ?? bare ?? Number(index), text: whole, quoted: quoted !== undefined });
  }
  return pieces;
}

const ESCAPED: { readonly [letter: string]: string | undefined } = { n: "\n", r: "\r", t: "\t" };

function unescaped(text: string | undefined): string | undefined {
  return text?.replaceAll(/\\(.)/gsu, (_, letter: string) => ESCAPED[letter] ?? letter);
}

function at(row: JsonObject, [column, ...steps]: Place): Json | undefined {
  let value = Object.hasOwn(row, column) ? row[column] : undefined;
  for (const step of steps) {
    if (value === undefined) return undefined;
    value = stepInto(value, step);
  }
  return value;
}

function without(container: Json, taken: readonly (readonly Step[])[]): Json | undefined {
  if (taken.some((steps) => steps.length === 0)) return undefined;
  const value = unpacked(container);
  const inside = (step: Step): readonly (readonly Step[])[] => taken.filter(([first]) => first === step).map(([, ...rest]) => rest);
  const restOf = (step: Step, child: Json): Json | undefined => {
    const deeper = inside(step);
    return deeper.length === 0 ? child : without(child, deeper);
  };
  if (isList(value)) {
    const rest = value.map((child, index) => restOf(index, child));
    return rest.every((child) => child === undefined) ? undefined : rest.map((child) => child ?? null);
  }
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, child]): [string, Json][] => {
    const rest = restOf(name, child);
    return rest === undefined ? [] : [[name, rest]];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
