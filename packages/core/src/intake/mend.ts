import { mapStrings } from "../privacy/map-strings.ts";
import type { Finding } from "../schema/finding.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";

/**
 * Makes every text of a value one that can be stored: no lone surrogate (UTF-8 cannot hold it) and no U+0000 (PostgreSQL refuses it) goes
 * further. What had to be mended comes back as findings, one of each sort.
 */
export function mendTexts(value: Json): { readonly value: Json; readonly findings: readonly Finding[] } {
  if (isWhole(value, 0)) return { value, findings: nothingFound };
  const broken = new Set<keyof typeof mendings>();
  const whole = (text: string): string => {
    if (isWholeText(text)) return text;
    if (!text.isWellFormed()) broken.add("lone-surrogate");
    if (text.includes("\u0000")) broken.add("encoding");
    return text.toWellFormed().replaceAll("\u0000", "\ufffd");
  };
  const mended = mapStrings(value, { key: whole, text: whole });
  return { value: mended, findings: [...broken].map((rule): Finding => ({ rule, severity: "warning", message: mendings[rule], at: "" })) };
}

/** By the rule that would have found it. */
const mendings = {
  "lone-surrogate": "half a surrogate pair became U+FFFD: UTF-8 cannot hold it",
  encoding: "U+0000 became U+FFFD: no store and no trainer can hold it",
} as const;

const nothingFound: readonly Finding[] = [];

/** Deeper values go the long way, which no depth can overflow. */
const SHALLOW = 64;

/** True where nothing has to be mended, as in nearly all records: a look costs half of a walk that could change something. */
function isWhole(value: Json, depth: number): boolean {
  if (typeof value === "string") return isWholeText(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth > SHALLOW) return false;
  if (!isJsonObject(value)) {
    for (const item of value) if (!isWhole(item, depth + 1)) return false;
    return true;
  }
  for (const key in value) if (!isWholeText(key) || !isWhole(value[key] ?? null, depth + 1)) return false;
  return true;
}

function isWholeText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
