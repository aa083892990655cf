import type { PiiSpan } from "./detector.ts";
import { placeholder } from "./overlaps.ts";

/** The same spans counted in code points; `spans` are sorted and counted in UTF-16 units. */
export function toCodePoints(text: string, spans: readonly PiiSpan[]): readonly PiiSpan[] {
  if (spans.length === 0 || !/[\ud800-\udbff]/.test(text)) return spans;
  let unit = 0;
  let points = 0;
  const count = (until: number): number => {
    for (; unit < until; unit++) if (!isSecondHalf(text, unit)) points++;
    return points;
  };
  return spans.map((span) => ({ ...span, start: count(span.start), end: count(span.end) }));
}

function isSecondHalf(text: string, unit: number): boolean {
  const code = text.charCodeAt(unit);
  if (code < 0xdc00 || code > 0xdfff || unit === 0) return false;
  const before = text.charCodeAt(unit - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

/** Maps an offset in the old text to the new one; inside a redacted span, the start or end of the placeholder. */
export type OffsetMap = (offset: number, edge: "start" | "end") => number;

/**
 * The map from a text to its redacted form, in the unit the spans are counted in.
 *
 * @param redacted - The spans that were replaced: sorted, without overlaps.
 */
export function offsetMap(redacted: readonly PiiSpan[]): OffsetMap {
  return (offset, edge) => {
    let shift = 0;
    for (const span of redacted) {
      if (offset <= span.start) break;
      const length = placeholder(span.type).length;
      if (offset < span.end) return span.start + shift + (edge === "start" ? 0 : length);
      shift += length - (span.end - span.start);
    }
    return offset + shift;
  };
}
