import { kinds } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { mapStrings, type StringMapping } from "./map-strings.ts";
import { placeholder } from "./overlaps.ts";
import type { RedactedText } from "./replace.ts";
import { namesSecret } from "./triggers.ts";

export interface RedactedJson {
  /** The same object as before when nothing was redacted. */
  readonly value: Json;
  /** How many spans of each type were replaced, types sorted. */
  readonly found: Readonly<Record<string, number>>;
  readonly flagged: Readonly<Record<string, number>>;
}

/** What is known about a key, kept because the same keys come with every record. */
interface KeyVerdict {
  readonly redacted: RedactedText;
  readonly secret: boolean;
}

/** Keys are remembered up to this many; data that has keys without end is looked at each time. */
const MOST_KEYS = 4_096;

/**
 * Makes the walk over JSON for one way to redact a text.
 *
 * A member such as `"password": "hunter2"` is judged as the line `password='hunter2'` would be.
 */
export function treeRedactor(redact: (text: string) => RedactedText): (value: Json) => RedactedJson {
  const keys = new Map<string, KeyVerdict>();
  const verdict = (key: string): KeyVerdict => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const made = { redacted: redact(key), secret: namesSecret(key) };
    if (keys.size < MOST_KEYS) keys.set(key, made);
    return made;
  };
  const innocent: ReadonlySet<string> = new Set(
    ownWords.filter((word) => {
      const { spans, flagged } = redact(word);
      return spans.length === 0 && flagged.length === 0;
    }),
  );
  // Of the walk that is under way; one walk ends before the next begins, so they need not be made for each record.
  const found = new Map<string, number>();
  const flagged = new Map<string, number>();
  const counted = (result: RedactedText): string => {
    for (const span of result.spans) found.set(span.type, (found.get(span.type) ?? 0) + 1);
    for (const span of result.flagged) flagged.set(span.type, (flagged.get(span.type) ?? 0) + 1);
    return result.text;
  };
  const mapping: StringMapping = {
    key: (key) => counted(verdict(key).redacted),
    text(text, key) {
      if (text.length <= LONGEST_OWN && innocent.has(text) && (key === undefined || !verdict(key).secret)) return text;
      const plain = redact(text);
      // After the text itself, so that a second walk, which meets the redacted text, judges the same.
      const member = key !== undefined && verdict(key).secret ? redactMember(key, plain.text, redact) : undefined;
      if (member === undefined || member.spans.length > 0) return counted(member ?? plain);
      return counted({ ...plain, flagged: member.flagged });
    },
  };
  return (value) => {
    if (found.size > 0) found.clear();
    if (flagged.size > 0) flagged.clear();
    const redacted = mapStrings(value, mapping);
    return { value: redacted, found: sorted(found), flagged: sorted(flagged) };
  };
}

/** What every record says; judged once. */
const ownWords = [...kinds, "system", "user", "assistant", "tool"];
const LONGEST_OWN = Math.max(...ownWords.map(({ length }) => length));

/** The value as its key's name judges it, or nothing where the name alone decides nothing. */
function redactMember(key: string, text: string, redact: (text: string) => RedactedText): RedactedText | undefined {
  if (text.length < 3 || text.length > 200 || /\s/.test(text)) return undefined;
  const quote = text.includes("'") ? '"' : "'";
  const before = `${key}=${quote}`;
  const line = redact(`${before}${text}${quote}`);
  const start = Array.from(before).length;
  const end = start + Array.from(text).length;
  const isWhole = (span: { readonly start: number; readonly end: number }): boolean => span.start === start && span.end === end;
  const spans = line.spans.filter(isWhole);
  const flagged = line.flagged.filter(isWhole);
  if (spans.length === 0 && flagged.length === 0) return undefined;
  return { text: spans[0] === undefined ? text : placeholder(spans[0].type), spans, flagged };
}

const none: Readonly<Record<string, number>> = {};

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  if (counts.size === 0) return none;
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
