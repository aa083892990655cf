import { mapStrings } from "../privacy/map-strings.ts";
import type { Finding } from "../schema/finding.ts";
import type { Json } from "../schema/json.ts";

/**
 * Makes every text of a value one that can be stored: no lone surrogate (UTF-8 cannot hold it) and no U+0000 (PostgreSQL refuses it) goes
 * further. What had to be mended comes back as findings, one of each sort.
 */
export function mendTexts(value: Json): { readonly value: Json; readonly findings: readonly Finding[] } {
  const broken = new Set<keyof typeof mendings>();
  const whole = (text: string): string => {
    if (text.isWellFormed() && !text.includes("\u0000")) return text;
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
