import type { PiiSpan } from "./detector.ts";
import { toCodePoints } from "./offsets.ts";
import { placeholder, touchesAny } from "./overlaps.ts";

export interface RedactedText {
  /** The same string object as before when nothing was redacted. */
  readonly text: string;
  /** What was replaced, in code points of the text as it was. */
  readonly spans: readonly PiiSpan[];
  /** What the policy only flags, in code points of the text as it was. */
  readonly flagged: readonly PiiSpan[];
}

type Find = (text: string) => readonly PiiSpan[];

/**
 * Replaces what `find` finds until it finds nothing more.
 *
 * @param find - Sorted spans without overlaps in UTF-16 units, the same for the same text.
 */
export function replaceFound(text: string, find: Find, isFlagged: (span: PiiSpan) => boolean): RedactedText {
  const first = find(text);
  if (first.length === 0) return { text, spans: NONE, flagged: NONE };
  let spans: readonly PiiSpan[] = first.filter((span) => !isFlagged(span));
  let redacted = replace(text, spans);
  // Replacing one span can uncover another that had lost the overlap. Each round covers more of the old text, so this ends.
  for (let again = spans; again.length > 0;) {
    again = find(redacted).filter((span) => !isFlagged(span));
    if (again.length === 0) break;
    spans = join(spans, inOldText(again, spans));
    redacted = replace(text, spans);
  }
  const flagged = first.filter((span) => isFlagged(span) && !touchesAny(span, spans));
  return { text: redacted, spans: toCodePoints(text, spans), flagged: toCodePoints(text, flagged) };
}

const NONE: readonly PiiSpan[] = [];

function replace(text: string, spans: readonly PiiSpan[]): string {
  let out = "";
  let at = 0;
  for (const span of spans) {
    out += text.slice(at, span.start) + placeholder(span.type);
    at = span.end;
  }
  return at === 0 ? text : out + text.slice(at);
}

/** Spans of the redacted text in offsets of the old one. The scan never cuts through a placeholder, so their ends lie outside of them. */
function inOldText(found: readonly PiiSpan[], redacted: readonly PiiSpan[]): readonly PiiSpan[] {
  let next = 0;
  let growth = 0;
  // Called with rising offsets only, so one pass over both lists does.
  const back = (offset: number): number => {
    for (let old = redacted[next]; old !== undefined; old = redacted[next]) {
      const { length } = placeholder(old.type);
      if (old.start + growth + length > offset) break;
      growth += length - (old.end - old.start);
      next++;
    }
    return offset - growth;
  };
  return found.map((span) => ({ ...span, start: back(span.start), end: back(span.end) }));
}

/** Both lists as one; where a later span covers earlier ones it takes their place. */
function join(earlier: readonly PiiSpan[], later: readonly PiiSpan[]): readonly PiiSpan[] {
  return [...earlier.filter((span) => !touchesAny(span, later)), ...later].toSorted((a, b) => a.start - b.start);
}
