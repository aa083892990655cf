import type { Redactor } from "../privacy/redactor.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import { canonicalJson } from "../text/canonical.ts";
import { mendTexts } from "./mend.ts";

/** A signal ready to be stored, or why it cannot be; with the personal data that was taken out, by type. */
export type SignalPassage =
  | { readonly signal: Signal; readonly redacted: Readonly<Record<string, number>> }
  | { readonly refused: string; readonly message: string; readonly redacted: Readonly<Record<string, number>> };

/**
 * The way in for signals: mends their texts and takes personal data out of what they say. What they point at and who they are by stays: those
 * are ids and pseudonyms, and a signal that points at nothing is none.
 */
export function passSignal(arrived: Signal, redactor: Redactor): SignalPassage {
  const { text, reason, payload, ...pointing } = arrived;
  const said = {
    ...(text === undefined ? {} : { text }),
    ...(reason === undefined ? {} : { reason }),
    ...(payload === undefined ? {} : { payload }),
  };
  const { value, found } = redactor.json(mendTexts(said).value);
  const signal: Signal = { ...pointing, ...wordsOf(value) };
  if (!isWritable(signal))
    return { refused: "not-json", message: "a number or the nesting goes beyond what JSON can hold", redacted: found };
  return { signal, redacted: found };
}

/** The members back from the walk, which keeps their names and kinds. */
function wordsOf(value: Json): Pick<Signal, "text" | "reason" | "payload"> {
  if (!isJsonObject(value)) return {};
  const { text, reason, payload } = value;
  return {
    ...(typeof text === "string" ? { text } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(isJsonObject(payload) ? { payload } : {}),
  };
}

function isWritable(signal: Signal): boolean {
  try {
    canonicalJson(signal);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
