import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";

/** Texts of a pool, and texts of the same kind that are not in it. */
export interface ShortTexts {
  readonly pool: readonly string[];
  readonly unseen: readonly string[];
  /** How many of the pool were written by people; the others are spliced from halves of these. */
  readonly real: number;
}

const MOST_WORDS = 60;

/**
 * A pool of short texts: real ones from the folder `TILTH_DATA` where it is there, else generated; filled up by splicing halves.
 *
 * Splicing keeps the statistics of words and phrases those of real text. The same for the same size.
 */
export function shortTexts(count: number, held = 2_000, seed = 12_345): ShortTexts {
  const random = seeded(seed);
  const all = realTexts();
  const real = all.length > 0 ? all : generated(60_000, random);
  const unseen: string[] = [];
  const pool: string[] = [];
  for (const text of real) (unseen.length < held && random() < (1.02 * held) / real.length ? unseen : pool).push(text);
  const base = pool.length;
  pool.length = Math.min(base, count);
  const half = (): readonly string[] => (pool[Math.floor(random() * Math.min(base, pool.length))] ?? "").split(" ");
  while (pool.length < count) {
    const [left, right] = [half(), half()];
    const head = left.slice(0, 1 + Math.floor(random() * left.length));
    pool.push([...head, ...right.slice(Math.floor(random() * right.length))].slice(0, MOST_WORDS).join(" "));
  }
  return { pool, unseen, real: all.length > 0 ? Math.min(base, count) : 0 };
}

/** Numbers of 0 to below 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sentences and short messages of the public sets that are there, each once, of 3 to 400 words. */
function realTexts(): readonly string[] {
  const folder = resolve(import.meta.dirname, "..", process.env["TILTH_DATA"] ?? "../shared/data");
  const texts = new Map<string, string>();
  for (const value of rawTexts(folder)) {
    const text = value.split(/\s+/).filter(Boolean).join(" ");
    const words = text.split(" ").length;
    if (words >= 3 && words <= 400 && !texts.has(text.toLowerCase())) texts.set(text.toLowerCase(), text);
  }
  return [...texts.values()];
}

function* rawTexts(folder: string): Generator<string> {
  const read = (file: string): string => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "");
  const list = (name: string, pattern: RegExp): string[] =>
    existsSync(join(folder, name)) ? readdirSync(join(folder, name)).filter((file) => pattern.test(file)) : [];
  const cells = (text: string): readonly (readonly string[])[] => parse(text, { relax_column_count: true, relax_quotes: true });
  for (const file of ["train", "test"]) for (const [text = ""] of cells(read(`banking77/${file}.csv`)).slice(1)) yield text;
  for (const file of list("sgd_dialogues_dev", /^dialogues_\d+\.json$/))
    yield* stringsAt(JSON.parse(read(`sgd_dialogues_dev/${file}`)), ["utterance"]);
  for (const line of read("gsm8k_train/train.jsonl").split("\n"))
    if (line !== "") for (const text of stringsAt(JSON.parse(line), ["question", "answer"])) yield* sentences(text);
  for (const file of list("gpteacher_code_roleplay", /^[^_].*\.json$/))
    for (const text of stringsAt(JSON.parse(read(`gpteacher_code_roleplay/${file}`)), ["instruction", "input", "response", "output"]))
      yield* sentences(text);
  for (const row of cells(read("tweets_engagement_obama/BarackObama.csv")).slice(1)) yield row[1] ?? "";
}

function sentences(text: string): readonly string[] {
  return text.split(/(?<=[.!?])\s+|\n+/);
}

/** Every string below one of the keys, however deep. */
function* stringsAt(value: unknown, keys: readonly string[]): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* stringsAt(item, keys);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === "string" && keys.includes(key)) yield item;
      else yield* stringsAt(item, keys);
    }
}

/** Sentences of a made-up language of 30 000 words, a few of them frequent. */
function generated(count: number, random: () => number): readonly string[] {
  const word = (): string => `w${Math.floor(30_000 * random() ** 4).toString(36)}`;
  return Array.from({ length: count }, () => Array.from({ length: 3 + Math.floor(22 * random()) }, word).join(" "));
}
