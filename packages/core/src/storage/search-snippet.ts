import { codePointLength } from "../text/words.ts";
import type { Phrase, SearchQuery } from "./search-query.ts";
import type { PlacedWord } from "./search-words.ts";
import { placedWords } from "./search-words.ts";
import type { SearchField, Snippet } from "./storage.ts";

/** A text of an example that may hold what was sought. */
export interface Searched {
  readonly field: SearchField;
  readonly text: string;
}

interface Place {
  readonly start: number;
  readonly end: number;
  /** Which of the wanted phrases it is. */
  readonly phrase: number;
}

/** UTF-16 units. A longer text is searched whole, but marked no further. */
const MOST_UNITS = 100_000;
const SNIPPET_UNITS = 180;
const BEFORE_UNITS = 40;

/** Shows where an example says what was sought: of its texts the one that has most of it, around the place that has most of it. */
export function snippetOf(texts: readonly Searched[], query: SearchQuery): Snippet {
  let best: { readonly searched: Searched; readonly places: readonly Place[]; readonly found: number } | undefined;
  for (const searched of texts) {
    const places = placesIn(searched.text.slice(0, MOST_UNITS), query.wanted);
    const found = distinct(places);
    if (best === undefined || found > best.found) best = { searched, places, found };
    if (found === query.wanted.length) break;
  }
  return best === undefined ? { field: "input", text: "", start: 0, marks: [], isCut: false } : cut(best.searched, best.places);
}

/** In the order of the text. */
function placesIn(text: string, phrases: readonly Phrase[]): readonly Place[] {
  const words = [...placedWords(text)];
  const byFirst = Map.groupBy(phrases.keys(), (phrase) => phrases[phrase]?.[0] ?? "");
  return words.flatMap(({ word, start }, at) =>
    (byFirst.get(word) ?? []).flatMap((phrase) => {
      const end = endOf(words, at, phrases[phrase] ?? []);
      return end === undefined ? [] : [{ start, end, phrase }];
    }),
  );
}

/** Where the phrase ends that begins at this word; undefined where it does not begin. */
function endOf(words: readonly PlacedWord[], at: number, phrase: Phrase): number | undefined {
  const isThere = phrase.every((word, i) => words[at + i]?.word === word);
  return isThere ? words[at + phrase.length - 1]?.end : undefined;
}

function cut({ field, text }: Searched, places: readonly Place[]): Snippet {
  const near = densest(places);
  const first = near[0]?.start ?? 0;
  const from = edge(text, first - BEFORE_UNITS, first);
  const to = Math.max(edge(text, from + SNIPPET_UNITS, text.length), near.at(-1)?.end ?? 0);
  const shown = merge(places.filter((place) => place.start >= from && place.end <= to));
  const offset = (at: number): number => codePointLength(text.slice(from, at));
  return {
    field,
    text: text.slice(from, to),
    start: codePointLength(text.slice(0, from)),
    marks: shown.map(({ start, end }) => ({ start: offset(start), end: offset(end) })),
    isCut: to < text.length,
  };
}

/** The places within one snippet that hold most of the phrases; the first such where several do. */
function densest(places: readonly Place[]): readonly Place[] {
  let best: readonly Place[] = [];
  let next = 0;
  for (const [i, { start }] of places.entries()) {
    next = Math.max(next, i + 1);
    while ((places[next]?.end ?? Infinity) <= start + SNIPPET_UNITS - BEFORE_UNITS) next++;
    const near = places.slice(i, next);
    if (distinct(near) > distinct(best)) best = near;
  }
  return best;
}

function distinct(places: readonly Place[]): number {
  return new Set(places.map((place) => place.phrase)).size;
}

/** The next white space from there on, where one is near; else a place that splits no character. Never beyond the limit. */
function edge(text: string, at: number, limit: number): number {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  for (let i = at; i < Math.min(limit, at + BEFORE_UNITS); i++) if (/\s/.test(text.charAt(i))) return i + 1;
  let i = at;
  while (i < limit && /^[\udc00-\udfff\p{M}]/v.test(text.charAt(i))) i++;
  return i;
}

/** Places that overlap, as those of `a b` and `b c` in `a b c`, are one mark. */
function merge(places: readonly Place[]): readonly Pick<Place, "start" | "end">[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of places) {
    const last = merged.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}
