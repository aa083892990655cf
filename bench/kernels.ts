/**
 * The byte kernels: text -> words -> shingle sets -> band keys, WebAssembly against its TypeScript twin and against bare `JSON.parse` of the same
 * texts, in one run and in turns.
 *
 *     node bench/kernels.ts [MB of text of each kind, default 12] [rounds, default 7]
 *
 * Short texts have 52 words (shingles of 3), long ones 520 (shingles of 5). Floors are those of the design: a build below them is unfinished.
 * The one of .63 was set against a tokeniser that read byte by byte; this one takes little more than half of its time.
 * Both engines must give the same bits, else the exit code is 1. With `TILTH_BENCH_MINHASH=FOLDER`, the folder of the npm package `minhash`,
 * its sketches are counted too.
 */
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { assetUrl } from "../packages/core/src/asset.ts";
import { wordHashesOf } from "../packages/core/src/text/kernels/bytes.ts";
import { type ByteExports, areas } from "../packages/core/src/text/kernels/bytes-wasm.ts";
import { startKernel } from "../packages/core/src/text/kernels/instance.ts";
import { type ByteKernels, type SketchPlan, loadByteKernels } from "../packages/core/src/text/kernels/load.ts";
import type { ShingleSets } from "../packages/core/src/text/kernels/shingle-sets.ts";

const megabytes = Number(process.argv[2] ?? 12);
const rounds = Number(process.argv[3] ?? 7);
const random = randomFrom(7);
const vocabulary = makeVocabulary(60_000);
const wasm = loadByteKernels();
const twin = loadByteKernels({ wasm: false });
const bare = startKernel<ByteExports>(
  assetUrl(new URL("../packages/core/src/text/kernels/bytes.ts", import.meta.url).href, "./bytes.wasm"),
);
if (wasm.engine !== "wasm" || bare === undefined) throw new Error("there is no WebAssembly with SIMD here");
bare.memory.grow(Math.ceil(areas.end / 65_536));

console.log(`${cpus()[0]?.model ?? "?"}, Node ${process.version}, ${rounds} rounds in turns, processor time\n`);
texts("short", 52, 3, ".63; 7");
texts("long", 520, 5, "none; none");
sketches(50, "2.8 M (.25 of 11.2 M)");
sketches(500, "283 k (.24 of 1.18 M)");
sums();
await others();

/** Words, sets and keys of texts of one length. */
function texts(name: string, length: number, size: number, floor: string): void {
  const made: string[] = [];
  for (let sizeBytes = 0; sizeBytes < megabytes * 1e6; sizeBytes += made.at(-1)?.length ?? 0) made.push(makeText(length));
  const lines = made.map((text) => Buffer.from(JSON.stringify({ text })).toString());
  const plan: SketchPlan = { bands: 26, rows: 5, family: length < 300 ? "classic" : "fast", seed: 1 };
  const sets = wasm.shingleSets(made, size);
  mustEqual(`${name}: sets`, sets.values, twin.shingleSets(made, size).values);
  mustEqual(`${name}: keys`, wasm.bandKeys(sets, plan), twin.bandKeys(sets, plan));
  const bytes = made.map((text) => Buffer.from(text));
  const sizeBytes = bytes.reduce((sum, text) => sum + text.length, 0);
  const ms = measured({
    parse: () => lines.reduce((sum, line) => sum + parsedLength(line), 0),
    "wasm tokeniser": () => tokenise(bytes, size),
    "twin tokeniser": () => made.reduce((sum, text) => sum + wordHashesOf(text).length, 0),
    "wasm sets": () => wasm.shingleSets(made, size).values.length,
    "twin sets": () => twin.shingleSets(made, size).values.length,
    "wasm keys of sets": () => wasm.bandKeys(sets, plan).length,
    "twin keys of sets": () => twin.bandKeys(sets, plan).length,
    "wasm text to keys": () => wasm.bandKeys(wasm.shingleSets(made, size), plan).length,
    "twin text to keys": () => twin.bandKeys(twin.shingleSets(made, size), plan).length,
  });
  const mean = (sets.values.length / made.length).toFixed(1);
  console.log(
    `${name}: ${made.length} texts of ${length} words, ${(sizeBytes / made.length).toFixed(0)} bytes, ${mean} shingles of ${size}; ${plan.family} 26 x 5`,
  );
  for (const [step, time] of Object.entries(ms)) {
    const perSecond = `${(sizeBytes / 1e3 / time).toFixed(0)} MB/s`.padStart(11);
    const texts = `${Math.round((made.length / time) * 1e3).toLocaleString("en")} texts/s`.padStart(21);
    console.log(`  ${step.padEnd(18)}${perSecond}${texts}   ${(of(ms, "parse") / time).toFixed(2)} of JSON.parse`);
  }
  const ofTokeniser = of(ms, "wasm tokeniser") / of(ms, "wasm text to keys");
  const ofTwin = of(ms, "twin text to keys") / of(ms, "wasm text to keys");
  console.log(`  text to keys: ${ofTokeniser.toFixed(2)} of the tokeniser, ${ofTwin.toFixed(1)} x the twin; floor ${floor}\n`);
}

/** Words and shingles of bytes that lie ready in memory: the limit of all that follows. */
function tokenise(made: readonly Uint8Array[], size: number): number {
  if (bare === undefined) return 0;
  const memory = new Uint8Array(bare.memory.buffer);
  let count = 0;
  for (const text of made) {
    memory.set(text, areas.text);
    count += bare.shingles(areas.scratch, bare.words(areas.text, text.length, areas.workspace, areas.scratch), size);
  }
  return count;
}

/** Sketches of 128 slots from ready sets. */
function sketches(size: number, floor: string): void {
  const count = Math.round(1e6 / size);
  const sets: ShingleSets = {
    values: Int32Array.from({ length: count * size }, () => (random() * 2 ** 32) | 0),
    offsets: Float64Array.from({ length: count + 1 }, (_, set) => set * size),
  };
  const run = (kernels: ByteKernels, family: SketchPlan["family"]) => () =>
    kernels.bandKeys(sets, { bands: 16, rows: 8, family, seed: 1 }).length;
  const ms = measured({
    "wasm classic": run(wasm, "classic"),
    "wasm fast": run(wasm, "fast"),
    "twin classic": run(twin, "classic"),
    "twin fast": run(twin, "fast"),
  });
  const rates = Object.entries(ms).map(([name, time]) => `${name} ${Math.round((count / time) * 1e3).toLocaleString("en")}`);
  console.log(`sketches/s, ${size} shingles, 128 slots: ${rates.join(", ")}; floor ${floor}, on the reference machine`);
}

/** Sums of 15 rows of 256 columns, as a sentence of 60 characters has them. */
function sums(): void {
  const table = {
    dimensions: 256,
    rows: Int8Array.from({ length: 30_522 * 256 }, () => random() * 256 - 128),
    scales: Float32Array.from({ length: 30_522 }, () => random() / 100),
  };
  const lists = 20_000;
  const ids = Int32Array.from({ length: lists * 15 }, () => random() ** 3 * 30_522);
  const ends = Int32Array.from({ length: lists }, (_, list) => (list + 1) * 15);
  const [left, right] = [wasm.rowTable(table), twin.rowTable(table)];
  mustEqual("sums", new Int32Array(left.sums(ids, ends).buffer), new Int32Array(right.sums(ids, ends).buffer));
  const ms = measured({ wasm: () => left.sums(ids, ends).length, twin: () => right.sums(ids, ends).length });
  const rate = (time: number): string => Math.round((lists / time) * 1e3).toLocaleString("en");
  console.log(`\nsums/s of 15 rows x 256: wasm ${rate(of(ms, "wasm"))}, twin ${rate(of(ms, "twin"))}`);
}

/** What is used of the npm package `minhash`. */
interface Minhash {
  readonly Minhash: new (options: { readonly numPerm: number }) => { update(shingle: string): void };
}

/** The npm package is given shingles that lie ready as strings; both sides sketch only. */
async function others(): Promise<void> {
  const folder = process.env["TILTH_BENCH_MINHASH"];
  if (folder === undefined) return;
  const load: (path: string) => Minhash = createRequire(import.meta.url);
  const { Minhash } = load(resolve(folder));
  const made = Array.from({ length: 300 }, () => makeText(52).toLowerCase().match(/\w+/g) ?? []);
  const ready = made.map((words) => words.slice(2).map((_, index) => words.slice(index, index + 3).join(" ")));
  const sets = wasm.shingleSets(
    made.map((words) => words.join(" ")),
    3,
  );
  const turns = 100;
  const ms = measured({
    ours: () => {
      for (let turn = 0; turn < turns; turn++) wasm.bandKeys(sets, { bands: 16, rows: 8, family: "classic", seed: 1 });
      return turns;
    },
    theirs: () => {
      for (const shingles of ready) {
        const sketch = new Minhash({ numPerm: 128 });
        for (const shingle of shingles) sketch.update(shingle);
      }
      return ready.length;
    },
  });
  const [own, other] = [((turns * made.length) / of(ms, "ours")) * 1e3, (made.length / of(ms, "theirs")) * 1e3];
  console.log(
    `npm minhash: ${Math.round(other)} sketches/s of 50 shingles, ours ${Math.round(own)}: ${(own / other).toFixed(0)} x; floor 50`,
  );
}

/** Milliseconds of this thread's processor time, the mean of all rounds, in turns: other work on the machine is not counted. */
function measured<Name extends string>(runs: Readonly<Record<Name, () => number>>): Readonly<Record<string, number>> {
  const spentMs: Record<string, number> = {};
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries<() => number>(runs)) {
      const start = process.threadCpuUsage();
      if (!(run() >= 0)) throw new Error(`${name} gave no number`);
      const { user, system } = process.threadCpuUsage(start);
      if (round > 0) spentMs[name] = (spentMs[name] ?? 0) + (user + system) / 1e3 / rounds;
    }
  }
  return spentMs;
}

function of(ms: Readonly<Record<string, number>>, name: string): number {
  return ms[name] ?? Number.NaN;
}

function mustEqual(what: string, left: Int32Array, right: Int32Array): void {
  const same = left.length === right.length && left.every((value, index) => value === right[index]);
  if (same) return;
  console.error(`${what} differ between the engines`);
  process.exitCode = 1;
}

function parsedLength(line: string): number {
  const value: { readonly text: string } = JSON.parse(line);
  return value.text.length;
}

/** Frequent words come first by Zipf's law; sentences, commas and capitals as in running text. */
function makeText(length: number): string {
  let text = "";
  let first = true;
  for (let i = 0; i < length; i++) {
    const word = vocabulary[Math.floor(vocabulary.length ** random()) - 1] ?? "";
    text += first ? word.slice(0, 1).toUpperCase() + word.slice(1) : word;
    const sign = random();
    first = sign < 0.07;
    text += i === length - 1 ? "." : first ? ". " : sign < 0.13 ? ", " : " ";
  }
  return Buffer.from(text).toString();
}

function makeVocabulary(size: number): readonly string[] {
  const frequent = "the of and to a in is it you that he was for on are with as his they be at one have this from by".split(" ");
  const pick = (list: string): string => list.split(" ")[Math.floor(random() * list.split(" ").length)] ?? "";
  const made = new Set(frequent);
  while (made.size < size) {
    const syllables = 1 + Math.floor(random() * 2.6);
    let word = "";
    for (let i = 0; i < syllables; i++) word += pick("b c d f g h k l m n p r s t v w ch sh th st tr") + pick("a e i o u ai ea ou");
    made.add(word + pick("n r s t l nd st ng ck"));
  }
  return [...made];
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
