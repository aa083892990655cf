import { TilthError } from "../errors.ts";
import type { Detector, PiiSpan } from "./detector.ts";
import { detectors as allDetectors } from "./detectors.ts";
import { settleOverlaps, settlePlaceholders } from "./overlaps.ts";
import { toCodePoints } from "./offsets.ts";
import { triggers } from "./triggers.ts";

export interface ScanOptions {
  /** Which types to report. @defaultValue every type that a detector has */
  readonly types?: readonly string[];
  /** Least score to report, 0 to 1. @defaultValue 0.4 */
  readonly threshold?: number;
  readonly detectors?: readonly Detector[];
  /** Off, every pattern is tried on every text: the same result, several times slower. @defaultValue true */
  readonly prefilter?: boolean;
}

/**
 * Finds personal data and secrets; spans sorted, without overlaps, in code points.
 *
 * Linear in the text. Names, street addresses and places are out of the reach of patterns and not found.
 *
 * @throws {@link TilthError} `input/invalid` for a threshold outside 0 to 1 a type that no detector has or that is not written in capitals.
 * @example
 * scan("Write to jane@example.org"); // [{ type: "EMAIL", start: 9, end: 25, score: 0.9, validated: false }]
 */
export function scan(text: string, options?: ScanOptions): readonly PiiSpan[] {
  return toCodePoints(text, scanUnits(text, options === undefined ? everything : planScan(options)));
}

/** What a scan needs, settled once for many texts. */
export interface ScanPlan {
  readonly wanted: readonly Detector[];
  /** Run only where something was found: they may win an overlap, as a web address does over a number in it. */
  readonly shields: readonly Detector[];
  /** The triggers of the wanted detectors together. */
  readonly needs: number;
  /** True when a wanted detector has no trigger. */
  readonly unconditional: boolean;
  readonly threshold: number;
  readonly prefilter: boolean;
}

/** @throws {@link TilthError} `input/invalid`, see {@link scan}. */
export function planScan(options: ScanOptions): ScanPlan {
  const { detectors = allDetectors, threshold = 0.4, prefilter = true } = options;
  if (!(threshold >= 0 && threshold <= 1))
    throw new TilthError("input/invalid", { where: "privacy threshold", problem: `${threshold} is not between 0 and 1` });
  const known = new Set(detectors.map((detector) => detector.type));
  const types = new Set(options.types ?? known);
  for (const type of types) {
    if (known.has(type)) continue;
    throw new TilthError("input/invalid", {
      where: "privacy types",
      problem: `no detector finds "${type}"; there are ${[...known].join(", ")}`,
    });
  }
  const unspeakable = detectors.find((detector) => !/^[A-Z][A-Z0-9_]{0,39}$/.test(detector.type));
  if (unspeakable !== undefined) {
    throw new TilthError("input/invalid", {
      where: "privacy types",
      problem: `"${unspeakable.type}" cannot be the word of a placeholder: use capitals, digits and _`,
    });
  }
  const wanted = detectors.filter((detector) => types.has(detector.type));
  const shields = detectors.filter((detector) => !types.has(detector.type));
  const needs = wanted.reduce((bits, detector) => bits | detector.need, 0);
  return { wanted, shields, needs, unconditional: wanted.some((detector) => detector.need === 0), threshold, prefilter };
}

/**
 * The scan itself: sorted spans in UTF-16 units.
 *
 * Above a million characters the text is read in windows, so that a trigger somewhere does not set every pattern on all of it. Each
 * window sees {@link LEAD} characters before and {@link LONGEST} after its own, which is more than context or a match can need.
 */
export function scanUnits(text: string, plan: ScanPlan, windowLength = 65_536): readonly PiiSpan[] {
  if (text.length <= 1_000_000 && windowLength === 65_536) return settle(text, collect(text, plan), plan);
  const found: PiiSpan[] = [];
  for (let from = 0; from < text.length; from += windowLength) {
    const base = Math.max(0, from - LEAD);
    for (const span of collect(text.slice(base, from + windowLength + LONGEST), plan)) {
      const start = span.start + base;
      if (start >= from && start < from + windowLength) found.push({ ...span, start, end: span.end + base });
    }
  }
  return settle(text, found, plan);
}

const LEAD = 512;
/** More than the longest match any pattern allows (a signed token of three parts). */
const LONGEST = 12_288;

const NONE: readonly PiiSpan[] = [];
const everything = planScan({});

function collect(text: string, plan: ScanPlan): readonly PiiSpan[] {
  const set = plan.prefilter ? triggers(text, plan.needs) : -1;
  if (set === 0 && !plan.unconditional) return NONE;
  const found: PiiSpan[] = [];
  for (const detector of plan.wanted) {
    if ((detector.need & set) !== 0 || detector.need === 0) runDetector(detector, text, plan.threshold, found);
  }
  if (found.length === 0) return NONE;
  for (const detector of plan.shields) runDetector(detector, text, plan.threshold, found);
  return found;
}

function settle(text: string, found: readonly PiiSpan[], plan: ScanPlan): readonly PiiSpan[] {
  if (found.length === 0) return NONE;
  const kept = settleOverlaps(settlePlaceholders(text, found));
  if (plan.shields.length === 0) return kept;
  return kept.filter((span) => plan.wanted.some((detector) => detector.type === span.type));
}

function runDetector(detector: Detector, text: string, threshold: number, found: PiiSpan[]): void {
  const { pattern } = detector;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const lead = detector.lead === undefined ? "" : (match[detector.lead] ?? "");
    const whole = lead + match[0];
    const value = detector.group === undefined ? whole : (match.slice(detector.group).find((group) => group !== undefined) ?? whole);
    const start = match.index - lead.length + whole.lastIndexOf(value);
    const end = start + value.length;
    const verdict = value === "" ? false : detector.check?.(value);
    const score = verdict === true ? 1 : verdict === false ? -1 : scoreOf(detector, text, start, end, value);
    if (score >= threshold) found.push({ type: detector.type, start, end, score, validated: verdict === true });
    // A refused match may hide a true one, so the search goes on inside it, behind its next sign.
    else pattern.lastIndex = match.index + Math.max(1, match[0].slice(1).search(/[^A-Za-z0-9]/) + 1);
  }
}

function scoreOf(detector: Detector, text: string, start: number, end: number, value: string): number {
  const plain = detector.base + (detector.bonus?.(value) ?? 0);
  if (detector.words === undefined && detector.against === undefined) return Math.min(1, plain);
  return Math.max(0, Math.min(1, plain + wordsAround(detector, text, start, end)));
}

/**
 * +0.35, -0.35 or 0 by the words around a value.
 *
 * A word against it counts only where it names the value (`order number 4471…`, `version: 1.2…`): further away it says nothing, as in
 * "to cancel an order call 415…".
 */
function wordsAround(detector: Detector, text: string, start: number, end: number): number {
  const { words, against } = detector;
  const before = wordsOf(text.slice(Math.max(0, start - 80), start)).slice(-5);
  let naming = true;
  let named = false;
  for (const word of before.toReversed()) {
    if (naming && against?.test(word) === true) return -0.35;
    const isFiller = FILLER.test(word);
    naming &&= isFiller;
    if (words?.test(word) !== true) continue;
    if (!isFiller) return 0.35;
    // "number" alone speaks for a value it names, unless an earlier word says what kind of number.
    named ||= naming;
  }
  if (named) return 0.35;
  const after = wordsOf(text.slice(end, end + 80)).slice(0, 5);
  return after.some((word) => words?.test(word) === true) ? 0.35 : 0;
}

/** Words that stand between a name and its value. */
const FILLER = /^(?:number|numbers|no|nr|num|code|id|is|was|the|of)$/i;

// Placeholders are no context: the word PHONE in one says nothing about the number beside it.
function wordsOf(text: string): readonly string[] {
  return text.replaceAll(/\[REDACTED_\w{1,40}\]/g, " ").match(/[\p{L}\p{N}]+/gu) ?? [];
}
