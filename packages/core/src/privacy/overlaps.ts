import type { PiiSpan } from "./detector.ts";

/** The text that stands where something was redacted. */
export function placeholder(type: string): string {
  return `[REDACTED_${type}]`;
}

const PLACEHOLDER = /\[REDACTED_[A-Za-z0-9_]{1,40}\]/g;

/**
 * Of spans that overlap keeps one: validated before score before length before position. The result is sorted.
 *
 * @param spans - In any order; offsets in UTF-16 units.
 */
export function settleOverlaps(spans: readonly PiiSpan[]): readonly PiiSpan[] {
  if (spans.length < 2) return spans;
  const byWorth = spans.toSorted(
    (a, b) => Number(b.validated) - Number(a.validated) || b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start,
  );
  // Sorted by start and free of overlaps, so a newcomer can only touch its two neighbours.
  const kept: PiiSpan[] = [];
  for (const span of byWorth) {
    const at = firstAtOrAfter(kept, span.start);
    const previous = kept[at - 1];
    const next = kept[at];
    if ((previous === undefined || previous.end <= span.start) && (next === undefined || next.start >= span.end)) kept.splice(at, 0, span);
  }
  return kept;
}

/**
 * Placeholders of earlier redactions are no personal data: spans of nothing else are dropped, spans that cut through one take all of it.
 *
 * This is what makes redaction idempotent.
 */
export function settlePlaceholders(text: string, spans: readonly PiiSpan[]): readonly PiiSpan[] {
  if (!text.includes("[REDACTED_")) return spans;
  const masks = [...text.matchAll(PLACEHOLDER)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  return spans.flatMap((span) => {
    let { start, end } = span;
    let covered = 0;
    // The mask before the first one that starts behind the span's start may reach into it.
    for (let at = Math.max(0, firstAtOrAfter(masks, span.start) - 1); at < masks.length; at++) {
      const mask = masks[at];
      if (mask === undefined || mask.start >= span.end) break;
      if (mask.end <= span.start) continue;
      start = Math.min(start, mask.start);
      end = Math.max(end, mask.end);
      covered += mask.end - mask.start;
    }
    return covered === end - start ? [] : [{ ...span, start, end }];
  });
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** True when a range shares a character with one of `sorted`, which do not overlap each other. */
export function touchesAny(range: Range, sorted: readonly Range[]): boolean {
  const at = firstAtOrAfter(sorted, range.start);
  return (sorted[at - 1]?.end ?? 0) > range.start || (sorted[at]?.start ?? Infinity) < range.end;
}

function firstAtOrAfter(sorted: readonly Range[], start: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
