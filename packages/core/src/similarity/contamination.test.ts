import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { words } from "../text/words.ts";
import { createContaminationSearch } from "./contamination.ts";
import type { BenchmarkItem } from "./contamination-index.ts";
import type { ContaminationReport, ContaminationThresholds } from "./contamination-report.ts";

const long =
  "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. How many clips did Natalia sell altogether in April and May? 72";
const filler = "Before anything else is said here there are many other words. ";

function search(
  items: readonly BenchmarkItem[],
  texts: readonly string[],
  options: Partial<ContaminationThresholds> = {},
): ContaminationReport {
  const found = createContaminationSearch(items, options);
  for (const [i, text] of texts.entries()) found.look({ id: `t${i}`, text });
  return found.report();
}

const one = (item: string, ...texts: string[]) => search([{ id: "item", text: item }], texts).items[0];

describe("one item", () => {
  test("that stands in a training text word by word is dirty, and the text is its witness", () => {
    const report = search([{ id: "gsm", text: long }], ["nothing", `${filler}${long} ${filler}`]);
    expect(report.items).toEqual([
      {
        id: "gsm",
        words: 32,
        status: "dirty",
        coverage: 1,
        longestWords: 32,
        witnessCount: 1,
        witnesses: [{ exampleId: "t1", coverage: 1, longestWords: 32 }],
      },
    ]);
    expect(report.examples).toEqual([{ id: "t1", status: "dirty", items: [{ itemId: "gsm", coverage: 1, longestWords: 32 }] }]);
    expect([report.counts, report.texts]).toEqual([{ dirty: 1, suspicious: 0, clean: 0, unchecked: 0 }, 2]);
  });

  test("is found whatever its case, punctuation and width", () => {
    expect(one(long, long.toUpperCase().replaceAll(/[,.?]/g, " —\n "))).toMatchObject({ status: "dirty", coverage: 1 });
    expect(one(long, long.replace("Natalia", "Ｎａｔａｌｉａ"))).toMatchObject({ status: "dirty", coverage: 1 });
  });

  test("of which 13 words in a row are there is dirty, and of which 8 are there suspicious, clean, or nothing", () => {
    const said = words(long);
    const piece = (from: number, count: number): string => `${filler}${said.slice(from, from + count).join(" ")} ${filler}`;
    expect(one(long, piece(4, 13))).toMatchObject({ status: "dirty", longestWords: 13 });
    expect(one(long, piece(4, 12))).toMatchObject({ status: "suspicious", longestWords: 12, coverage: 12 / 32 });
    expect(one(long, piece(4, 8))).toMatchObject({ status: "suspicious", longestWords: 8 });
    expect(one(long, piece(4, 7))).toMatchObject({ status: "clean", longestWords: 0, witnesses: [] });
    const longer = `${long} ${Array.from({ length: 30 }, (_, i) => `word${i}`).join(" ")}`;
    expect(one(longer, piece(4, 8))).toMatchObject({ status: "clean", longestWords: 8, witnessCount: 1 });
  });

  test("with a word changed here and there is dirty, since most of it is there", () => {
    const said = words(long).map((word, i) => (i % 11 === 10 ? "changed" : word));
    expect(one(long, said.join(" "))).toMatchObject({ status: "dirty", longestWords: 10, coverage: 30 / 32 });
  });

  test("keeps its pieces of different texts apart", () => {
    const said = words(long);
    const found = one(long, said.slice(0, 12).join(" "), said.slice(12, 24).join(" "));
    expect(found).toMatchObject({ status: "suspicious", coverage: 12 / 32, witnessCount: 2 });
  });

  test("that is short matches as a whole, where its words begin and end", () => {
    const item = "What is the capital of France? Paris";
    expect(one(item, `user: what is the capital of FRANCE\n\nparis!`)).toMatchObject({ status: "dirty", coverage: 1, longestWords: 7 });
    expect(one(item, "what is the capital of France")).toMatchObject({ status: "clean" });
    expect(one(item, "what is the capital of France parisian")).toMatchObject({ status: "clean" });
  });

  test("under five words, or of numbers alone, proves nothing, and the report says so", () => {
    expect(one("Who wrote Hamlet?", "who wrote hamlet")).toMatchObject({ status: "unchecked", reason: "too-short" });
    const numbers = Array.from({ length: 20 }, (_, i) => i).join(" ");
    expect(one(numbers, numbers)).toMatchObject({ status: "unchecked", reason: "numbers", witnesses: [] });
    expect(search([], ["x"]).counts).toEqual({ dirty: 0, suspicious: 0, clean: 0, unchecked: 0 });
  });

  test("a row of numbers begins no match, but a match goes on through numbers", () => {
    const row = Array.from({ length: 30 }, (_, i) => i).join(" ");
    const item = `Add these numbers, and say the sum: ${row}`;
    const report = search([{ id: "item", text: item }], [row]);
    expect(report.items[0]).toMatchObject({ status: "clean", longestWords: 0 });
    expect(report.boilerplate).toMatchObject([{ text: row, reason: "numbers", items: 1 }]);
    expect(one(item, item)).toMatchObject({ status: "dirty", coverage: 1 });
  });
});

describe("what is common", () => {
  const template = "Read the following passage and answer the question with yes or no, please.";
  const items = Array.from({ length: 20 }, (_, i) => ({
    id: `${i}`,
    text: `${template} Thing ${i} was number ${i} of ${i * 7} things there, was it?`,
  }));

  test("words that more than ten texts begin with make nobody dirty, and are listed once", () => {
    const texts = Array.from({ length: 11 }, (_, i) => `${template} Some other matter, the ${i}th of its sort.`);
    expect(search(items, texts.slice(1)).counts).toMatchObject({ dirty: 20 });
    const report = search(items, texts);
    expect(report.counts).toEqual({ dirty: 0, suspicious: 0, clean: 20, unchecked: 0 });
    expect(report.boilerplate).toEqual([{ text: words(template).join(" "), reason: "common", items: 20, texts: 11 }]);
    expect(report.examples).toEqual([]);
  });

  test("an item that is there as a whole is dirty however often it is met, also after its template was", () => {
    const texts = Array.from({ length: 40 }, (_, i) =>
      i < 15 ? `${template} Something else, the ${i}th.` : `${filler}${items[3]?.text ?? ""}`,
    );
    const report = search(items, texts);
    expect(report.items.filter(({ status }) => status === "dirty").map(({ id }) => id)).toEqual(["3"]);
    expect(report.items[3]).toMatchObject({ coverage: 1, witnessCount: 25 });
    expect(report.items[3]?.witnesses).toHaveLength(5);
  });

  test("a short item that many say proves nothing", () => {
    const texts = Array.from({ length: 11 }, (_, i) => `How do I reset my password? I am user ${i}.`);
    expect(one("How do I reset my password?", ...texts.slice(1))).toMatchObject({ status: "dirty", witnessCount: 10 });
    const report = search([{ id: "item", text: "How do I reset my password?" }], texts);
    expect(report.items).toMatchObject([{ status: "unchecked", reason: "common", witnessCount: 0 }]);
    expect(report.boilerplate).toEqual([{ text: "how do i reset my password", reason: "common", items: 1, texts: 11 }]);
  });
});

const word = fc.constantFrom("a", "b", "c", "d", "e", "1", "2");
const sentence = (least: number, most: number): fc.Arbitrary<string[]> =>
  fc.oneof(
    fc.array(word, { minLength: least, maxLength: most }),
    // Pieces that repeat, so that texts and items meet.
    fc
      .tuple(
        fc.array(fc.constantFrom("a b c d e a c", "1 2 1 2 2 1 1 2", "e d c b a b e d c", "x"), { minLength: 1, maxLength: 5 }),
        fc.nat(9),
      )
      .map(([pieces, from]) =>
        pieces
          .join(" ")
          .split(" ")
          .slice(from)
          .concat(Array.from({ length: least }, () => "y")),
      ),
  );

test("an item planted in a text is dirty, whatever else is there", () => {
  fc.assert(
    fc.property(
      fc.array(sentence(5, 40), { minLength: 1, maxLength: 5 }),
      fc.array(sentence(0, 40), { maxLength: 30 }),
      fc.nat(),
      fc.nat(),
      (items, texts, which, where) => {
        const planted = items[which % items.length] ?? [];
        const at = texts.length === 0 ? 0 : where % texts.length;
        const all = texts.map((text) => text.join(" "));
        all.splice(at, 0, [...(texts[at] ?? []), ...planted, "z"].join(" "));
        const found = search(
          items.map((item, i) => ({ id: `${i}`, text: item.join(" ") })),
          all,
        ).items[which % items.length];
        if (found?.status === "unchecked")
          expect(found.reason === "common" ? planted.length < 13 : planted.every((one_) => /\d/.test(one_))).toBe(true);
        else expect(found).toMatchObject({ status: "dirty", coverage: 1 });
      },
    ),
    { numRuns: 1_000 },
  );
});

test("finds what a comparison of every place with every place finds", () => {
  fc.assert(
    fc.property(
      fc.array(sentence(0, 40), { minLength: 1, maxLength: 4 }),
      fc.array(sentence(0, 40), { maxLength: 8 }),
      fc.nat(3),
      (items, texts, commonTexts) => {
        const report = search(
          items.map((item, i) => ({ id: `${i}`, text: item.join(" ") })),
          texts.map((text) => text.join(" ")),
          { commonTexts, mostWitnesses: 99 },
        );
        for (const [i, item] of items.entries()) {
          const { coverage = 0, longestWords = 0, witnessCount, reason } = report.items[i] ?? {};
          expect({ coverage, longestWords, witnessCount, reason }).toEqual(byHand(item, texts, commonTexts));
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

/** The definition, word by word. */
function byHand(item: readonly string[], texts: readonly (readonly string[])[], commonTexts: number) {
  const nothing = { coverage: 0, longestWords: 0, witnessCount: 0 };
  if (item.length < 5) return { ...nothing, reason: "too-short" };
  if (item.every((one_) => /\d/.test(one_))) return { ...nothing, reason: "numbers" };
  const holds = (text: readonly string[], run: readonly string[]): boolean =>
    text.some((_, at) => run.every((one_, i) => text[at + i] === one_));
  if (item.length < 13) {
    const witnessCount = texts.filter((text) => holds(text, item)).length;
    if (witnessCount > commonTexts) return { ...nothing, reason: "common" };
    return witnessCount === 0 ? nothing : { coverage: 1, longestWords: item.length, witnessCount };
  }
  const isRare = item.map((_, p) => texts.filter((text) => holds(text, item.slice(p, p + 8))).length <= commonTexts);
  const isNumbers = item.map((_, p) => item.slice(p, p + 8).every((one_) => /\d/.test(one_)));
  const overlaps = texts.flatMap((text) => {
    const covered = new Set<number>();
    let longestWords = 0;
    for (const p of item.keys()) {
      for (const q of text.keys()) {
        if (p > 0 && q > 0 && item[p - 1] === text[q - 1]) continue;
        let length = 0;
        while (p + length < item.length && item[p + length] === text[q + length]) length++;
        const isWhole = length / item.length >= 0.8;
        const seeds = Array.from({ length: Math.max(0, length - 7) }, (_, i) => p + i);
        if (!seeds.some((seed) => isNumbers[seed] === false && (isWhole || isRare[seed] === true))) continue;
        longestWords = Math.max(longestWords, length);
        for (let i = p; i < p + length; i++) covered.add(i);
      }
    }
    return covered.size === 0 ? [] : [{ coverage: covered.size / item.length, longestWords }];
  });
  if (overlaps.length === 0) return nothing;
  return {
    coverage: Math.max(...overlaps.map((overlap) => overlap.coverage)),
    longestWords: Math.max(...overlaps.map((overlap) => overlap.longestWords)),
    witnessCount: overlaps.length,
  };
}
