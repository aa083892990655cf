import type { Described, NewExample } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import { canonicalJson } from "../text/canonical.ts";
import { sha256Hex } from "../text/hash.ts";
import { describe, isoTime, textOf } from "./columns.ts";
import type { Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { given } from "./reading.ts";

/** Puts a value into the field it belongs to; false where it is none that the field can hold. */
export type Place = (described: Draft<Described>, value: Json) => boolean;

/**
 * What the columns of a record say beside its content, like {@link describe}, with further columns of the record's own.
 *
 * @param places - By column. A value that its place cannot hold goes to the metadata, as columns do that nobody names.
 */
export function describeWith(
  row: JsonObject,
  places: Readonly<Record<string, Place>>,
  taken: readonly string[],
  unread: readonly (readonly [string, Json])[] = [],
): Draft<Described> {
  const told: Draft<Described> = {};
  const names = [...taken];
  for (const [name, place] of Object.entries(places)) {
    const value = row[name];
    if (value !== undefined && value !== null && place(told, value)) names.push(name);
  }
  return { ...describe(row, names, unread), ...told };
}

type WordField = "source" | "sourceId" | "parentId" | "project" | "type" | "style" | "feedback" | "corrector" | "modificationsMade";

/** The place of a word or an identifier, 1 to 1,000 characters. */
export function word(field: WordField): Place {
  return (described, value) => {
    const text = wordOf(value);
    if (text === undefined) return false;
    described[field] = text;
    return true;
  };
}

type FlagField = "includeInTraining" | "verifiedAccurate" | "wasCorrected" | "wasUsed" | "validated";

/** The place of a yes or no. */
export function flag(field: FlagField): Place {
  return (described, value) => {
    const answer = booleanOf(value);
    if (answer === undefined) return false;
    described[field] = answer;
    return true;
  };
}

/** The place of the time of making. */
export const created: Place = (described, value) => {
  const time = timeOf(value);
  if (time === undefined) return false;
  described.createdAt = time;
  return true;
};

/** A word or an identifier within the bound that the schema puts on them. */
export function wordOf(value: Json | undefined): string | undefined {
  const text = textOf(value);
  return text === undefined || text === "" || text.length > 1_000 ? undefined : text;
}

/** Yes or no as JSON, SQLite (1 and 0) and tables write it. */
export function booleanOf(value: Json | undefined): boolean | undefined {
  const text = textOf(value)?.toLowerCase();
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : undefined;
}

/** A finite number, also as the cell of a table. */
export function numberOf(value: Json | undefined): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Later ones have no four-digit year, which ISO 8601 and the schema want. */
const LAST_UNIX_SECOND = 253_402_300_799;

/** A time as ISO 8601 text or as Unix seconds, in UTC to the millisecond. */
export function timeOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const seconds = numberOf(value);
  if (seconds === undefined) return isoTime(value);
  return seconds >= 0 && seconds <= LAST_UNIX_SECOND ? new Date(Math.round(seconds * 1_000)).toISOString() : undefined;
}

/** The id of a signal that a record tells: the record again is the same signal, so that importing twice stores once. */
export function signalId(record: Json): string {
  return sha256Hex(canonicalJson(record)).slice(0, ID_LENGTH);
}

/** A name for who did something that is the same each time and does not say it. Not keyed: whoever guesses the person can check it. */
export function actorOf(person: string): string {
  return sha256Hex(`actor ${person}`).slice(0, ID_LENGTH);
}

const ID_LENGTH = 26;

/** A row that becomes several examples, or signals, or both. */
export function givenAll(examples: readonly NewExample[], signals: readonly Signal[], sourceIdIsIdentity: boolean): Reading {
  const readings = examples.map((example) => given(example)).flatMap((reading) => ("refused" in reading ? [] : [reading]));
  return {
    examples: readings.flatMap((reading) => reading.examples),
    signals,
    remarks: readings.flatMap(({ remarks = [] }) => remarks),
    sourceIdIsIdentity,
  };
}
