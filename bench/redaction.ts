/**
 * How fast records are redacted, against one look at every character of the same texts in the same run.
 *
 *     node bench/redaction.ts [texts, default 30000]
 *
 * The target is 0.85 of the look for short texts of which 5 % hold personal data, with output equal to the unfiltered scan.
 */
import { detectors } from "../packages/core/src/privacy/detectors.ts";
import { createRedactor } from "../packages/core/src/privacy/redactor.ts";
import { planScan, scanUnits } from "../packages/core/src/privacy/scan.ts";

const count = Number(process.argv[2] ?? 30_000);
const random = randomFrom(11);

const inputs = [
  { name: "short, 5 % with personal data", texts: makeTexts(count, 52, 0.05) },
  { name: "short, 50 % with personal data", texts: makeTexts(count, 52, 0.5) },
  { name: "long, 5 % with personal data", texts: makeTexts(Math.ceil(count / 10), 520, 0.05) },
];
const redactor = createRedactor();
const filtered = planScan({});
const unfiltered = planScan({ prefilter: false });

console.log(`node ${process.version}, ${process.platform} ${process.arch}, ${detectors.length} detectors`);
for (const { name, texts } of inputs) {
  const differ = texts.filter((text) => JSON.stringify(scanUnits(text, filtered)) !== JSON.stringify(scanUnits(text, unfiltered))).length;
  const runs: Readonly<Record<string, (text: string) => number>> = {
    look: countDigits,
    redact: (text) => redactor.text(text).text.length,
    unfiltered: (text) => scanUnits(text, unfiltered).length,
  };
  const timesMs = measure(texts, runs);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const lookMs = timesMs["look"] ?? 0;
  console.log(
    `\n${name}: ${texts.length} texts of ${Math.round(characters / texts.length)} characters; prefilter changes the result of ${differ}`,
  );
  for (const [run, timeMs] of Object.entries(timesMs)) {
    const rate = Math.round((texts.length / timeMs) * 1000).toLocaleString("en");
    console.log(
      `  ${run.padEnd(11)} ${(characters / 1000 / timeMs).toFixed(0).padStart(5)} MB/s ${rate.padStart(12)} records/s   ${(lookMs / timeMs).toFixed(2)} of the look`,
    );
  }
  if (differ > 0) process.exitCode = 1;
}

/** One look at every character in JavaScript: the limit that the ratios refer to. */
function countDigits(text: string): number {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 47 && code < 58) digits++;
  }
  return digits;
}

/** Medians of seven rounds, the runs in turns, the first round not counted. */
function measure(texts: readonly string[], runs: Readonly<Record<string, (text: string) => number>>): Readonly<Record<string, number>> {
  const rounds: Record<string, number[]> = {};
  for (let round = 0; round < 8; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const startMs = performance.now();
      let sum = 0;
      for (const text of texts) sum += run(text);
      const timeMs = performance.now() - startMs;
      if (sum < 0) throw new Error("The sum keeps the loop from being removed.");
      if (round > 0) (rounds[name] ??= []).push(timeMs);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, times]) => [name, times.toSorted((a, b) => a - b)[3] ?? 0]));
}

function makeTexts(amount: number, words: number, share: number): readonly string[] {
  return Array.from({ length: amount }, () => {
    const chosen = Array.from({ length: words }, () => makeWord());
    const extra = random();
    if (extra < 0.1) chosen.push(`cost ${digits(3)}.${digits(2)} in 20${digits(2)}`);
    else if (extra < 0.15) chosen.push("@base x402");
    if (random() < share) chosen.splice(Math.floor(random() * words), 0, makeSecret());
    // Through bytes, so that the text is one flat string as a parser gives it.
    return Buffer.from(chosen.join(" ")).toString();
  });
}

function makeWord(): string {
  const syllables = 1 + Math.floor(random() * random() * 4);
  const word = Array.from(
    { length: syllables },
    () =>
      pick(["th", "s", "t", "r", "k", "l", "m", "p", "", "w", "b", "d"]) +
      pick(["a", "e", "i", "o", "ea", "ou"]) +
      pick(["n", "r", "s", "", "", "y"]),
  ).join("");
  const sign = random();
  if (sign < 0.06) return `${word}.`;
  if (sign < 0.12) return `${word},`;
  return sign < 0.2 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

function makeSecret(): string {
  return pick<() => string>([
    () => `jane.doe${digits(2)}@mail-${digits(1)}.example.com`,
    () => `(${digits(3)}) 555-${digits(4)}`,
    () => `+1 ${digits(3)}-555-${digits(4)}`,
    () => `1${digits(2)}-${digits(2)}-${digits(4)}`,
    () => "4111-1111-1111-1111",
    () => `sk-${hex(48)}`,
    () => `ghp_${hex(36)}`,
    () => `password: hunter${digits(4)}`,
    () => `/Users/david/projects/x${digits(2)}.py`,
    () => "C:\\Users\\Armand\\Desktop\\spec.docx",
    () => `192.168.${Number(digits(2))}.${Number(digits(2))}`,
    () => "DE89 3704 0044 0532 0130 00",
    () => `eyJhbGciOiJIUzI1NiJ9.${hex(40)}.${hex(43)}`,
  ])();
}

function digits(length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 10)).join("");
}

function hex(length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}

function pick<Value>(values: readonly [Value, ...Value[]]): Value {
  return values[Math.floor(random() * values.length)] ?? values[0];
}

/** Mulberry32: the same texts in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
