import type { SketchPlan } from "../text/kernels/load.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import { jaccard } from "./kernels/jaccard.ts";

/** What is known of sets before they are compared. */
export interface NearFacts {
  readonly records: number;
  readonly meanShingles: number;
  readonly threshold: number;
  /** What 99.9 % of random pairs stay below, see {@link backgroundJaccard}; it is asked for only where banding is considered. */
  readonly background?: () => number;
  readonly mode?: "auto" | "exact" | "bands";
  /** @defaultValue 4 GB */
  readonly memoryBytes?: number;
}

/** How near-duplicates are going to be looked for. */
export interface NearPlan {
  readonly method: "exact" | "bands+repair";
  /** How sets become band keys, where they do. */
  readonly sketch?: SketchPlan;
  /** One sentence for people: what is done, why, and what it will take. */
  readonly reason: string;
  readonly memoryBytes: number;
  /** On one core of the reference machine, without reading and shingling; measured there, so an order of magnitude elsewhere. */
  readonly seconds: number;
}

/** Bands and rows, with the share of pairs exactly at the threshold that they find. */
export interface BandPlan {
  readonly bands: number;
  readonly rows: number;
  readonly recall: number;
}

/**
 * Chooses between the exact join and banded sketches with exact verification: the join wherever it fits.
 *
 * Up to 100 million shingles are joined exactly (a million short texts hold about 50), and so is whatever has a threshold below 0.6, where
 * sketches would have to compare nearly everything. The same facts give the same plan on every machine.
 */
export function planNear(facts: NearFacts): NearPlan {
  const { records, meanShingles, threshold, mode = "auto", memoryBytes = 4 * 2 ** 30 } = facts;
  const shingles = records * meanShingles;
  const exact = exactCost(facts);
  const planExact = (why: string): NearPlan => ({ method: "exact", ...exact, reason: `Exact join: ${why}; ${costText(exact)}.` });

  if (mode === "exact") return planExact("it was asked for");
  if (mode === "auto") {
    if (threshold < LEAST_BANDED) return planExact(`below a threshold of ${LEAST_BANDED} sketches would compare nearly everything`);
    if (shingles <= MOST_JOINED && exact.memoryBytes <= memoryBytes) {
      return planExact(`${sizeText(facts)}, and up to ${MOST_JOINED / 1e6} million shingles are compared exactly`);
    }
  }
  const background = facts.background?.() ?? UNKNOWN_BACKGROUND;
  const bands = planBands({ records, threshold, background });
  if (bands === undefined)
    return planExact(`texts that are no duplicates reach ${background.toFixed(2)}, too much for ${MOST_SLOTS} hashes`);
  const sketch: SketchPlan = { ...pick(bands), family: meanShingles < LARGE_SET ? "classic" : "fast", seed: 1 };
  const cost = bandedCost(facts, bands);
  const why = mode === "bands" ? "they were asked for" : reasonAgainstJoin(facts, exact, memoryBytes);
  const found = `${bands.bands} bands of ${bands.rows} find ${(100 * bands.recall).toFixed(2)} % of the pairs exactly at ${threshold}, each verified`;
  return { method: "bands+repair", sketch, ...cost, reason: `Banded sketches: ${why}; ${found}; ${costText(cost)}.` };
}

/**
 * The rule for bands and rows, or nothing where it would take more than 512 hashes a set.
 *
 * Rows are as many as keep random pairs to ten candidates a record, bands as many as find 99 % of the pairs exactly at the threshold: since
 * candidates are verified, a false one costs time alone.
 *
 * @param facts.background - Jaccard similarity that 99.9 % of random pairs stay below; 0.05 at the least, for a sample says nothing of the
 *   pairs above it.
 */
export function planBands(facts: {
  readonly records: number;
  readonly threshold: number;
  readonly background?: number;
}): BandPlan | undefined {
  const { records, threshold } = facts;
  const background = Math.min(0.99, Math.max(UNKNOWN_BACKGROUND, facts.background ?? UNKNOWN_BACKGROUND));
  let bands = 20;
  let rows = 2;
  for (let round = 0; round < 4; round++) {
    rows = Math.max(2, Math.ceil(Math.log((records * bands) / (2 * NOISE_PER_RECORD)) / Math.log(1 / background)));
    // At a threshold of 1 a single band holds every pair.
    bands = threshold >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(MISSED) / Math.log1p(-(threshold ** rows))));
    if (!(bands * rows <= MOST_SLOTS)) return undefined;
  }
  // Hashes are made in groups of eight: bands that fit into the last group cost nothing.
  bands = threshold >= 1 ? 1 : Math.floor((Math.ceil((bands * rows) / 8) * 8) / rows);
  return { bands, rows, recall: 1 - (1 - threshold ** rows) ** bands };
}

/**
 * The Jaccard similarity that 99.9 % of random pairs stay below: of 100,000, of large sets fewer; the same pairs for the same sets.
 *
 * @param members - Which sets are drawn from, without copies. @defaultValue all
 */
export function backgroundJaccard(sets: ShingleSets, members?: Int32Array): number {
  const count = members?.length ?? sets.offsets.length - 1;
  if (count < 2 || sets.values.length === 0) return UNKNOWN_BACKGROUND;
  const pairs = Math.min(100_000, Math.max(20_000, Math.round((20_000_000 * (sets.offsets.length - 1)) / sets.values.length)));
  const values = new Float64Array(pairs);
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0) >>> 0;
  const drawn = (): number => {
    const place = Math.floor((next() / 2 ** 32) * count);
    return members?.[place] ?? place;
  };
  for (let pair = 0; pair < pairs; pair++) {
    const first = drawn();
    const second = drawn();
    if (first !== second) values[pair] = Math.max(0, jaccard(sets, first, second, Number.EPSILON));
  }
  return values.sort()[Math.floor(pairs * 0.999)] ?? UNKNOWN_BACKGROUND;
}

/** Up to this many shingles are joined exactly. */
const MOST_JOINED = 100_000_000;
const LEAST_BANDED = 0.6;
const MOST_SLOTS = 512;
/** Sets of this many shingles are sketched faster by Fast Similarity Sketching than by permutations. */
const LARGE_SET = 300;
const UNKNOWN_BACKGROUND = 0.05;
const NOISE_PER_RECORD = 10;
const MISSED = 0.01;

interface Cost {
  readonly memoryBytes: number;
  readonly seconds: number;
}

/** A value, twice while it is counted, its count, and 16 bytes for each posting; counting is most of the time. */
function exactCost({ records, meanShingles, threshold }: NearFacts): Cost {
  const shingles = records * meanShingles;
  const postings = records * ((1 - threshold) * meanShingles + 1);
  return { memoryBytes: 9 * shingles + 16 * postings + 60 * records, seconds: shingles * 12e-9 + postings * 50e-9 };
}

/** A value and the keys; sketching is most of the time. */
function bandedCost({ records, meanShingles }: NearFacts, { bands, rows }: BandPlan): Cost {
  const sketching = Math.min(records * meanShingles * bands * rows * 0.06e-9, records * 4e-6);
  return { memoryBytes: 4 * records * meanShingles + 4 * bands * records + 44 * records, seconds: sketching + records * bands * 25e-9 };
}

function pick({ bands, rows }: BandPlan): Pick<BandPlan, "bands" | "rows"> {
  return { bands, rows };
}

function reasonAgainstJoin(facts: NearFacts, exact: Cost, memoryBytes: number): string {
  if (exact.memoryBytes > memoryBytes) return `the exact join would take ${gigabytes(exact.memoryBytes)} of ${gigabytes(memoryBytes)}`;
  return `${sizeText(facts)}, more than the ${MOST_JOINED / 1e6} million that are compared exactly`;
}

function sizeText({ records, meanShingles }: NearFacts): string {
  return `${Math.round(records).toLocaleString("en-US")} texts hold ${Math.round(records * meanShingles).toLocaleString("en-US")} shingles`;
}

function costText({ memoryBytes, seconds }: Cost): string {
  return `about ${gigabytes(memoryBytes)} and ${seconds < 1 ? "under a second" : `${Math.ceil(seconds)} s`}`;
}

function gigabytes(sizeBytes: number): string {
  return sizeBytes < 1e9 ? `${Math.ceil(sizeBytes / 1e6)} MB` : `${(sizeBytes / 1e9).toFixed(1)} GB`;
}
