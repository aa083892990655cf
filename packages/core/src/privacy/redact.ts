import type { Json } from "../schema/json.ts";
import { type OffsetMap, offsetMap } from "./offsets.ts";
import { createRedactor, type RedactedJson, type RedactedText, type RedactionPolicy, type Redactor } from "./redactor.ts";

/**
 * Replaces personal data and secrets by `[REDACTED_TYPE]`.
 *
 * @throws {@link TilthError} `input/invalid`, see {@link createRedactor}.
 * @example
 * redactText("password: secret123").text; // "password: [REDACTED_PASSWORD]"
 */
export function redactText(text: string, policy?: RedactionPolicy): RedactedText {
  return redactorFor(policy).text(text);
}

/**
 * Redacts every string of a JSON value, keys too, at any depth; the value under a key such as `password` is redacted by the key's name.
 *
 * @throws {@link TilthError} `input/invalid`, see {@link createRedactor}.
 */
export function redactJson(value: Json, policy?: RedactionPolicy): RedactedJson {
  return redactorFor(policy).json(value);
}

/** What an entity of a classified text must have; `start` and `end` in code points. */
export interface SpanOfText {
  readonly start: number;
  readonly end: number;
  readonly surface: string;
}

/** A redacted text with its entities where they now stand, and the map that moved them. */
export interface RedactedSpans<Entity extends SpanOfText> extends RedactedText {
  readonly entities: readonly Entity[];
  readonly map: OffsetMap;
}

/**
 * Redacts a text and moves its entities along; one whose surface was redacted, or a part of it, has the new surface.
 *
 * @throws {@link TilthError} `input/invalid`, see {@link createRedactor}.
 */
export function redactWithSpans<Entity extends SpanOfText>(
  text: string,
  entities: readonly Entity[],
  redactor: Redactor = standard,
): RedactedSpans<Entity> {
  const redacted = redactor.text(text);
  const map = offsetMap(redacted.spans);
  if (redacted.spans.length === 0) return { ...redacted, entities, map };
  const points = Array.from(redacted.text);
  const moved = entities.map((entity) => {
    const start = map(entity.start, "start");
    const end = map(entity.end, "end");
    return { ...entity, start, end, surface: points.slice(start, end).join("") };
  });
  return { ...redacted, entities: moved, map };
}

const standard = createRedactor();
const redactorFor = (policy: RedactionPolicy | undefined): Redactor => (policy === undefined ? standard : createRedactor(policy));
