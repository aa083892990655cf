import { asciiBytes, MOST_ASCII_BYTES } from "./ascii.ts";
import type { Automaton } from "./automaton.ts";
import { buildAutomaton, columnOf } from "./automaton.ts";
import { normalizeText } from "./normalize.ts";
import { words } from "./words.ts";

/** Groups of keywords, and how they are looked for: anywhere in the lower-cased text, or as whole words and phrases. */
export interface KeywordTable {
  readonly match: "substring" | "word";
  readonly groups: readonly { readonly name: string; readonly keywords: readonly string[] }[];
}

/** How many different keywords of each group a text holds, by table and group in the order they were given. */
export type KeywordHits = readonly (readonly number[])[];

/** Stands for whatever separates two words; in no word itself. */
const GAP = "\0";

/**
 * Makes tables of keywords ready, to be looked up together in each text, however many keywords there are.
 *
 * `substring`: the lower-cased text includes the lower-cased keyword, white space counting, so `iso` is in `isolated`. `word`: the words of
 * the keyword stand in the text one after the other as whole words, see {@link words}; a keyword without words is in no text. Keywords
 * that are equal in this sense count once in their group. Linear in the text: one pass for each way to match that a table asks for.
 *
 * @example
 * const find = compileKeywords([{ match: "word", groups: [{ name: "greeting", keywords: ["hello", "how are"] }] }]);
 * find("Hello! How are you?"); // [[2]]
 */
export function compileKeywords(tables: readonly KeywordTable[]): (text: string) => KeywordHits {
  const targets: Target[] = [];
  const inText = tableAutomaton(tables, "substring", targets);
  const inWords = tableAutomaton(tables, "word", targets);
  const columns = { text: textColumns(inText), words: wordColumns(inWords) };
  const counter = newCounter(tables, targets);
  return (text) => {
    counter.begin();
    // Where nothing is looked for in one of the ways, that pass is left out. ASCII needs no lower case, its columns have both.
    const bytes = asciiBytes(text);
    if (holdsAny(inText)) {
      if (bytes === undefined) scanUnits(text.toLowerCase(), inText, counter);
      else scanBytes(bytes, text.length, inText, columns.text, counter);
    }
    if (holdsAny(inWords)) {
      if (bytes === undefined) scanWords(normalizeText(text).toLowerCase(), inWords, columns.words, counter);
      else scanBytes(bytes, text.length, inWords, columns.words, counter, columns.words[0]);
    }
    return counter.hits();
  };
}

function holdsAny({ next, firstReport }: Automaton): boolean {
  return firstReport < next.length;
}

/** Where a keyword is counted; its index is the number the automaton reports. */
interface Target {
  readonly table: number;
  readonly group: number;
}

function tableAutomaton(tables: readonly KeywordTable[], match: KeywordTable["match"], targets: Target[]): Automaton {
  const strings = new Map<string, number[]>();
  for (const [table, { match: own, groups }] of tables.entries()) {
    if (own !== match) continue;
    for (const [group, { keywords }] of groups.entries()) {
      const wanted = new Set(keywords.map((keyword) => (match === "substring" ? keyword.toLowerCase() : phraseOf(keyword))));
      wanted.delete("");
      for (const text of wanted) {
        const reports = strings.get(text) ?? [];
        reports.push(targets.push({ table, group }) - 1);
        strings.set(text, reports);
      }
    }
  }
  return buildAutomaton(strings, match === "word" ? GAP.charCodeAt(0) : undefined);
}

function phraseOf(keyword: string): string {
  const found = words(keyword);
  return found.length === 0 ? "" : `${GAP}${found.join(GAP)}${GAP}`;
}

interface Counter {
  begin(): void;
  report(automaton: Automaton, state: number): void;
  hits(): KeywordHits;
}

function newCounter(tables: readonly KeywordTable[], targets: readonly Target[]): Counter {
  // A keyword was met in this text when its entry holds this text's number: nothing to clear between texts.
  const metIn = new Float64Array(targets.length);
  let textNumber = 0;
  let hits: number[][] = [];
  return {
    begin() {
      textNumber++;
      hits = tables.map(({ groups }) => groups.map(() => 0));
    },
    report(automaton, state) {
      for (const number of automaton.reports(state)) {
        if (metIn[number] === textNumber) continue;
        metIn[number] = textNumber;
        const { table, group } = targets[number] ?? { table: 0, group: 0 };
        const counts = hits[table] ?? [];
        counts[group] = (counts[group] ?? 0) + 1;
      }
    },
    hits: () => hits,
  };
}

/** States that report, as they are met in one text: 0.7 µs for 300 characters, 1.2 where the loop itself reports. */
const met = new Int32Array(MOST_ASCII_BYTES + 1);

/** @param gap - The column of what lies before the first word and behind the last, where words are looked for. */
function scanBytes(bytes: Uint8Array, length: number, automaton: Automaton, columns: Uint16Array, counter: Counter, gap?: number): void {
  const { next, firstReport, start } = automaton;
  let state = gap === undefined ? start : (next[start + gap] ?? 0);
  let count = 0;
  for (let i = 0; i < length; i++) {
    state = next[state + (columns[bytes[i] ?? 0] ?? 0)] ?? 0;
    if (state >= firstReport) met[count++] = state;
  }
  if (gap !== undefined) state = next[state + gap] ?? 0;
  if (gap !== undefined && state >= firstReport) met[count++] = state;
  for (let i = 0; i < count; i++) counter.report(automaton, met[i] ?? 0);
}

function scanUnits(text: string, automaton: Automaton, counter: Counter): void {
  const { next, firstReport } = automaton;
  let state = automaton.start;
  for (let i = 0; i < text.length; i++) {
    state = next[state + columnOf(automaton, text.charCodeAt(i))] ?? 0;
    if (state >= firstReport) counter.report(automaton, state);
  }
}

/** As {@link scanUnits} on a normalised text, where everything between words counts as one gap. */
function scanWords(text: string, automaton: Automaton, columns: Uint16Array, counter: Counter): void {
  const { next, firstReport } = automaton;
  const gap = columns[0] ?? 0;
  let state = next[automaton.start + gap] ?? 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0;
    const column = unit < 128 ? (columns[unit] ?? 0) : columnOf(automaton, unit);
    state = next[state + column] ?? 0;
    if (state >= firstReport) counter.report(automaton, state);
  }
}

const LOWER = Uint16Array.from({ length: 128 }, (_, unit) => String.fromCharCode(unit).toLowerCase().charCodeAt(0));

function textColumns(automaton: Automaton): Uint16Array {
  return LOWER.map((unit) => columnOf(automaton, unit));
}

/** All that is no word is a gap. */
function wordColumns(automaton: Automaton): Uint16Array {
  return LOWER.map((unit) => columnOf(automaton, /\w/.test(String.fromCharCode(unit)) ? unit : GAP.charCodeAt(0)));
}
