import { TilthError } from "../errors.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Format, Sample } from "./format.ts";
import { formats } from "./list.ts";

/** Names beyond these are not shown: a table without a header has content for names. */
const SHOWN_KEYS = 20;
const SHOWN_KEY_LENGTH = 40;

/**
 * Finds the format of a file from its first rows, with the reason in one sentence. The format that demands most of the rows wins.
 *
 * @param among - The formats to choose from. @defaultValue all of them
 * @throws {@link TilthError} `format/unknown` when none fits, `format/ambiguous` when two fit equally well.
 */
export function detectFormat(sample: Sample, among: readonly Format[] = formats): { readonly format: Format; readonly reason: string } {
  const found = among.flatMap((format) => {
    const detection = format.detect?.(sample);
    return detection === undefined ? [] : [{ format, ...detection }];
  });
  const [best, second] = found.toSorted((one, other) => other.specificity - one.specificity);
  if (best === undefined)
    throw new TilthError("format/unknown", { keys: keysOf(sample), formats: among.map(({ name }) => name).join(", ") });
  if (second?.specificity === best.specificity) {
    throw new TilthError("format/ambiguous", { one: best.format.name, other: second.format.name, reasons: [best.reason, second.reason] });
  }
  return { format: best.format, reason: best.reason };
}

/** The names of the rows' members, never their values. */
function keysOf(sample: Sample): string {
  const keys = new Set(sample.rows.flatMap((row) => (isJsonObject(row) ? Object.keys(row) : [])));
  if (keys.size === 0) return "none (the rows are no objects)";
  const shown = [...keys]
    .slice(0, SHOWN_KEYS)
    .map((key) => (key.length > SHOWN_KEY_LENGTH ? `${key.slice(0, SHOWN_KEY_LENGTH).toWellFormed()}…` : key));
  return keys.size > SHOWN_KEYS ? `${shown.join(", ")} and ${keys.size - SHOWN_KEYS} more` : shown.join(", ");
}
