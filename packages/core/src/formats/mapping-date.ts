/** What is wrong with an argument of a filter, and what it should be. */
export interface Wrong {
  readonly problem: string;
  readonly expected: string;
}

/**
 * Makes a reader of times as the format writes them, such as `M/D/YY H:mm`; it gives ISO 8601 in UTC, or nothing for another text.
 *
 * Tokens: `YYYY` `YY` (70 to 99 are 19xx, 00 to 69 are 20xx) `MM` `M` `DD` `D` `HH` `H` `hh` `h` (with `A`) `mm` `m` `ss` `s` `SSS` `A`
 * (AM, PM) `Z` (a zone; none means UTC). Two letters want two digits, one takes one or two. Other letters stand in brackets, but `T`.
 */
export function compileDate(format: string): ((text: string) => string | undefined) | Wrong {
  const parts: string[] = [];
  const used: Token[] = [];
  for (let at = 0; at < format.length;) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(format);
    if (match === null) return { problem: "a bracket of the date format is never closed", expected: "`]` after the literal text" };
    at = PIECE.lastIndex;
    const [whole, literal, letter] = match;
    if (letter === undefined || whole === "T") parts.push(literalPattern(literal ?? whole));
    else if (!isToken(whole)) return noToken(whole);
    else {
      used.push(whole);
      parts.push(`(?<${tokens[whole].part}>${tokens[whole].pattern})`);
    }
  }
  const wrong = problemOf(used);
  if (wrong !== undefined) return wrong;
  const pattern = new RegExp(`^${parts.join("")}$`, "u");
  return (text) => isoOf(pattern.exec(text.trim())?.groups);
}

const tokens = {
  YYYY: { part: "year", pattern: "\\d{4}" },
  YY: { part: "year", pattern: "\\d{2}" },
  MM: { part: "month", pattern: "\\d{2}" },
  M: { part: "month", pattern: "\\d{1,2}" },
  DD: { part: "day", pattern: "\\d{2}" },
  D: { part: "day", pattern: "\\d{1,2}" },
  HH: { part: "hour", pattern: "\\d{2}" },
  H: { part: "hour", pattern: "\\d{1,2}" },
  hh: { part: "half", pattern: "\\d{2}" },
  h: { part: "half", pattern: "\\d{1,2}" },
  mm: { part: "minute", pattern: "\\d{2}" },
  m: { part: "minute", pattern: "\\d{1,2}" },
  ss: { part: "second", pattern: "\\d{2}" },
  s: { part: "second", pattern: "\\d{1,2}" },
  SSS: { part: "millisecond", pattern: "\\d{3}" },
  A: { part: "noon", pattern: "[AaPp]\\.?[Mm]\\.?" },
  Z: { part: "zone", pattern: "Z|UTC|GMT|[+\\-]\\d{2}(?::?\\d{2})?" },
} as const;
type Token = keyof typeof tokens;

const TOKENS = `one of ${Object.keys(tokens).join(" ")}; other letters in brackets, as in [at]`;
const PIECE = /\[([^\]]*)\]|([A-Za-z])\2*|[^A-Za-z[]+/uy;

function isToken(text: string): text is Token {
  return Object.hasOwn(tokens, text);
}

/** Whoever writes `yyyy` or `dd` thinks of another program's letters. */
function noToken(text: string): Wrong {
  const upper = text.toUpperCase();
  return { problem: `\`${text}\` is no part of a date format`, expected: isToken(upper) ? `\`${upper}\`` : TOKENS };
}

function literalPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll(/\s+/g, "\\s+");
}

function problemOf(used: readonly Token[]): Wrong | undefined {
  const parts: readonly string[] = used.map((token) => tokens[token].part);
  const twice = parts.find((part, index) => parts.indexOf(part) < index);
  if (twice !== undefined) return { problem: `the date format holds the ${twice} twice`, expected: "each part once" };
  const has = (part: string): boolean => parts.includes(part);
  if (!has("year")) return { problem: "the date format has no year", expected: "`YYYY` or `YY` in it" };
  if (has("day") && !has("month")) return { problem: "the date format has a day but no month", expected: "`M` or `MM`; `m` is a minute" };
  if (has("half") !== has("noon")) return { problem: "`h` counts to 12 and `A` says which half", expected: "both, or `H`" };
  if (has("half") && has("hour")) return { problem: "the date format holds the hour twice", expected: "`h` with `A`, or `H`" };
  if (has("minute") && !has("hour") && !has("half"))
    return { problem: "the date format has a minute but no hour", expected: "`H:mm`; a month is `M`" };
  if ((has("second") && !has("minute")) || (has("millisecond") && !has("second")))
    return { problem: "the date format leaves out a part before seconds", expected: "such as `H:mm:ss.SSS`" };
  return undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

function isoOf(groups: Groups | undefined): string | undefined {
  if (groups === undefined) return undefined;
  const { year, month = "1", day = "1", minute = "0", second = "0", millisecond = "0" } = groups;
  const hour = hourOf(groups);
  const zoneMinutes = zoneOf(groups["zone"]);
  if (year === undefined || hour === undefined || zoneMinutes === undefined) return undefined;
  if (hour > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(fullYear(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  date.setUTCHours(hour, Number(minute) - zoneMinutes, Number(second), Number(millisecond));
  return date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999 ? undefined : date.toISOString();
}

function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function hourOf({ hour, half, noon }: Groups): number | undefined {
  if (half === undefined) return Number(hour ?? "0");
  const count = Number(half);
  if (count < 1 || count > 12) return undefined;
  return (count % 12) + (/^p/i.test(noon ?? "") ? 12 : 0);
}

function zoneOf(zone: string | undefined): number | undefined {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "");
  if (match === null) return 0;
  const [, sign, hours = "0", minutes = "0"] = match;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
