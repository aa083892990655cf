import { words } from "../text/words.ts";
import { SEED_WORDS } from "./contamination-index.ts";
import type { Match, Seen } from "./contamination-scan.ts";
import { proves } from "./contamination-scan.ts";

/** Where the lines are drawn. */
export interface ContaminationThresholds {
  /** Words that stand in more training texts than this are common: they prove nothing. @defaultValue 10 */
  readonly commonTexts: number;
  /** Share of an item's words from which on it is dirty. @defaultValue 0.8 */
  readonly dirtyCoverage: number;
  /** Words in a row from which on it is dirty. @defaultValue 13 */
  readonly dirtyWords: number;
  /** Share from which on it is suspicious. @defaultValue 0.2 */
  readonly suspiciousCoverage: number;
  /** How many witnesses an item shows; the others are counted. @defaultValue 5 */
  readonly mostWitnesses: number;
}

/** How much of an item stands in a text. */
export interface Overlap {
  /** Words of the item that stand there too, as a share of all of them. */
  readonly coverage: number;
  /** The most words in a row. */
  readonly longestWords: number;
}

/** What was found of one item of a benchmark. */
export interface ItemContamination extends Overlap {
  readonly id: string;
  readonly words: number;
  readonly status: "dirty" | "suspicious" | "clean" | "unchecked";
  /** Why nothing can be said: under 5 words, numbers alone, or a short item that stands in too many texts to prove anything. */
  readonly reason?: "too-short" | "numbers" | "common";
  /** Training texts that hold something of it, most of it first; not all of them where there are many. */
  readonly witnesses: readonly ({ readonly exampleId: string } & Overlap)[];
  readonly witnessCount: number;
}

/** A training text that holds something of a benchmark. */
export interface ExampleContamination {
  readonly id: string;
  readonly status: "dirty" | "suspicious";
  readonly items: readonly ({ readonly itemId: string } & Overlap)[];
}

/** Words of items that begin no match. */
export interface Boilerplate {
  readonly text: string;
  readonly reason: "common" | "numbers";
  /** In how many items. */
  readonly items: number;
  /** The most training texts that a part of it stands in. */
  readonly texts: number;
}

export interface ContaminationReport {
  /** In the order they were given. */
  readonly items: readonly ItemContamination[];
  /** Those that are dirty or suspicious, in the order they were looked at. */
  readonly examples: readonly ExampleContamination[];
  readonly boilerplate: readonly Boilerplate[];
  readonly counts: Readonly<Record<ItemContamination["status"], number>>;
  /** How many training texts were looked at. */
  readonly texts: number;
}

/** Draws the conclusions of a search; what is common is known only now. */
export function reportOf(seen: Seen, options: ContaminationThresholds): ContaminationReport {
  const found = overlapsOf(seen, options.commonTexts);
  const items = seen.index.items.map((_, item) => itemReport(seen, item, found.get(item) ?? none, options));
  const counts = { dirty: 0, suspicious: 0, clean: 0, unchecked: 0 };
  for (const { status } of items) counts[status]++;
  return {
    items,
    examples: exampleReports(seen, found, options),
    boilerplate: boilerplateOf(seen, options),
    counts,
    texts: seen.textIds.length,
  };
}

/** By item, then by text. */
type Overlaps = ReadonlyMap<number, ReadonlyMap<number, Overlap>>;

const none: ReadonlyMap<number, Overlap> = new Map();

function overlapsOf(seen: Seen, commonTexts: number): Overlaps {
  const valid = seen.matches.filter((match) => proves(seen, match, commonTexts));
  const byItem = new Map<number, Map<number, Match[]>>();
  for (const match of valid) {
    const byText = byItem.get(match.item) ?? new Map<number, Match[]>();
    byItem.set(match.item, byText.set(match.text, [...(byText.get(match.text) ?? []), match]));
  }
  return new Map(
    [...byItem].map(([item, byText]) => [item, new Map([...byText].map(([text, runs]) => [text, overlapOf(seen, item, runs)]))]),
  );
}

function overlapOf({ index }: Seen, item: number, runs: readonly Match[]): Overlap {
  let [covered, end] = [0, 0];
  for (const { start, length } of runs.toSorted((a, b) => a.start - b.start)) {
    covered += Math.max(0, start + length - Math.max(end, start));
    end = Math.max(end, start + length);
  }
  return { coverage: covered / lengthOf(index.starts, item), longestWords: Math.max(...runs.map(({ length }) => length)) };
}

function itemReport(seen: Seen, item: number, overlaps: ReadonlyMap<number, Overlap>, options: ContaminationThresholds): ItemContamination {
  const { index, textIds, shortTexts } = seen;
  const { mostWitnesses, commonTexts } = options;
  const isCommon = (shortTexts[item] ?? 0) > commonTexts;
  const reason = index.unchecked.get(item) ?? (isCommon ? "common" : undefined);
  const witnesses = [...overlaps]
    .toSorted(([a, one], [b, other]) => other.coverage - one.coverage || other.longestWords - one.longestWords || a - b)
    .slice(0, mostWitnesses)
    .map(([text, overlap]) => ({ exampleId: textIds[text] ?? "", ...overlap }));
  const all = [...overlaps.values()];
  return {
    id: index.items[item]?.id ?? "",
    words: lengthOf(index.starts, item),
    status: reason === undefined ? worstOf(all, options) : "unchecked",
    ...(reason === undefined ? {} : { reason }),
    coverage: all.reduce((most, { coverage }) => Math.max(most, coverage), 0),
    longestWords: all.reduce((most, { longestWords }) => Math.max(most, longestWords), 0),
    witnesses,
    witnessCount: overlaps.size,
  };
}

function worstOf(overlaps: readonly Overlap[], options: ContaminationThresholds): "dirty" | "suspicious" | "clean" {
  const found = new Set(overlaps.map((overlap) => statusOf(overlap, options)));
  return found.has("dirty") ? "dirty" : found.has("suspicious") ? "suspicious" : "clean";
}

function statusOf({ coverage, longestWords }: Overlap, options: ContaminationThresholds): "dirty" | "suspicious" | "clean" {
  const { dirtyCoverage, dirtyWords, suspiciousCoverage } = options;
  if (coverage >= dirtyCoverage || longestWords >= dirtyWords) return "dirty";
  return coverage >= suspiciousCoverage ? "suspicious" : "clean";
}

function exampleReports({ index, textIds }: Seen, found: Overlaps, options: ContaminationThresholds): readonly ExampleContamination[] {
  const byText = new Map<number, ({ readonly itemId: string } & Overlap)[]>();
  for (const [item, overlaps] of [...found].toSorted(([a], [b]) => a - b)) {
    for (const [text, overlap] of overlaps) {
      if (statusOf(overlap, options) === "clean") continue;
      const items = byText.get(text) ?? [];
      items.push({ itemId: index.items[item]?.id ?? "", ...overlap });
      byText.set(text, items);
    }
  }
  return [...byText]
    .toSorted(([a], [b]) => a - b)
    .map(([text, items]) => ({ id: textIds[text] ?? "", status: worstOf(items, options) === "dirty" ? "dirty" : "suspicious", items }));
}

/** Seeds that overlap are told as one text. */
function boilerplateOf(seen: Seen, { commonTexts }: ContaminationThresholds): readonly Boilerplate[] {
  const { index, seedTexts, shortTexts } = seen;
  const found = new Map<string, { -readonly [Member in keyof Boilerplate]: Boilerplate[Member] }>();
  const add = (text: string, reason: Boilerplate["reason"], texts: number): void => {
    const known = found.get(`${reason} ${text}`) ?? { text, reason, items: 0, texts };
    found.set(`${reason} ${text}`, { ...known, items: known.items + 1, texts: Math.max(known.texts, texts) });
  };
  for (const [item, { text }] of index.items.entries()) {
    const [begin, end] = [index.starts[item] ?? 0, index.starts[item + 1] ?? 0];
    if ((shortTexts[item] ?? 0) > commonTexts) add(words(text).join(" "), "common", shortTexts[item] ?? 0);
    if (index.seeds.at(begin) < 0) continue;
    for (const reason of ["common", "numbers"] as const) {
      const isMeant = (place: number): boolean =>
        reason === "numbers"
          ? index.numbersAt[place] === 1
          : index.numbersAt[place] === 0 && (seedTexts[index.seeds.at(place)] ?? 0) > commonTexts;
      let texts = 0;
      let from = -1;
      for (let place = begin; place <= end - SEED_WORDS + 1; place++) {
        const isIn = place + SEED_WORDS <= end && isMeant(place);
        if (isIn && from < 0) from = place;
        if (isIn) texts = Math.max(texts, seedTexts[index.seeds.at(place)] ?? 0);
        if (isIn || from < 0) continue;
        add(
          words(text)
            .slice(from - begin, place - 1 + SEED_WORDS - begin)
            .join(" "),
          reason,
          texts,
        );
        [from, texts] = [-1, 0];
      }
    }
  }
  return [...found.values()].toSorted(
    (a, b) => b.texts - a.texts || b.items - a.items || Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)),
  );
}

function lengthOf(starts: Int32Array, item: number): number {
  return (starts[item + 1] ?? 0) - (starts[item] ?? 0);
}
