import { TilthError } from "../errors.ts";
import { redactWithSpans } from "../privacy/redact.ts";
import type { Redactor } from "../privacy/redactor.ts";
import type { Content, Span } from "../schema/content.ts";
import type { Described, NewExample } from "../schema/example.ts";
import type { Finding } from "../schema/finding.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { codePointSlice } from "../text/words.ts";
import { mendTexts } from "./mend.ts";

/** What takes personal data out. */
export interface CleanOptions {
  readonly redactor: Redactor;
  /** Stable stand-in for an identifier that is personal itself, such as an e-mail address as a user id. */
  readonly pseudonym: (identifier: string) => string;
}

/** An example that can be stored as it is. */
export interface Cleaned {
  readonly example: NewExample;
  /** What had to be mended. */
  readonly findings: readonly Finding[];
  /** Personal data that was taken out, by type. */
  readonly redacted: Readonly<Record<string, number>>;
}

/**
 * Mends the texts of an example and takes personal data out of everything it says; identifiers keep their identity but not their name.
 *
 * Where there is nothing to clean, it is the same example that comes back. Linear in the example.
 */
export function cleanExample(arrived: NewExample, options: CleanOptions): Cleaned {
  const { value, findings } = mendTexts(asJson(arrived));
  const mended = asExample(value);
  if (isNamedOnly(mended)) return { ...redactNamed(mended, options.redactor), findings };
  if (hasJudgedApart(mended)) return { ...redactApart(mended, options), findings };
  const { value: clean, found } = options.redactor.json(value);
  return { example: asExample(clean), findings, redacted: found };
}

const identifiers = ["id", "sourceId", "parentId", "groupKey", "createdBy", "corrector"] as const;
const judgedApart = [...identifiers, "subjectId", "createdAt"] as const;

/** Most records of a file say nothing but their content; for these the copies of the long way cost more than the redaction. */
function hasJudgedApart(example: NewExample): boolean {
  if (example.kind === "classification" && example.entities.length > 0) return true;
  for (const name of judgedApart) if (example[name] !== undefined) return true;
  return false;
}

/** What applications capture has an id and a time, which hold nothing personal, and seldom more that is judged by itself. */
function isNamedOnly(example: NewExample): boolean {
  if (example.id === undefined || example.createdAt === undefined) return false;
  if (example.kind === "classification" && example.entities.length > 0) return false;
  for (const name of judgedApart) if (name !== "id" && name !== "createdAt" && example[name] !== undefined) return false;
  return true;
}

function redactNamed(arrived: NewExample, redactor: Redactor): Omit<Cleaned, "findings"> {
  const { id, createdAt, ...said } = arrived;
  const json = asJson(said);
  const { value, found } = redactor.json(json);
  if (value === json) return { example: arrived, redacted: found };
  return { example: asExample({ ...objectOf(value), id: id ?? "", createdAt: createdAt ?? "" }), redacted: found };
}

/** Redacts what has members that the walk over the record cannot judge: identifiers, the time, spans of a text. */
function redactApart(arrived: NewExample, { redactor, pseudonym }: CleanOptions): Omit<Cleaned, "findings"> {
  const names: Record<string, string> = {};
  for (const name of identifiers) {
    const identifier = arrived[name];
    if (identifier !== undefined)
      names[name] = name === "id" || redactor.text(identifier).spans.length === 0 ? identifier : pseudonym(identifier);
  }
  if (arrived.subjectId !== undefined) names["subjectId"] = subjectHash(arrived.subjectId, pseudonym);
  const { createdAt, ...said } = { ...withoutSurfaces(arrived), ...placeholders(names) };
  const { value, found } = redactor.json(asJson(said));
  const example = asExample({ ...objectOf(value), ...names, ...(createdAt === undefined ? {} : { createdAt }) });
  return { example: withSurfaces(example, arrived, redactor), redacted: found };
}

/** Identifiers are judged on their own; in the walk over the record they must not count. */
function placeholders(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, ""]));
}

/** The hash that names a person here: as it comes, or made of what is no hash, by the same key as a pseudonym. */
function subjectHash(subjectId: string, pseudonym: (identifier: string) => string): string {
  return /^(?:[0-9a-f]{2}){10,64}$/.test(subjectId) ? subjectId : pseudonym(subjectId).replace(/^person_/, "");
}

/** A surface that repeats its place in the text is judged there, in its context and once; one that does not stays, to be judged by itself. */
function withoutSurfaces(example: NewExample): NewExample {
  if (example.kind !== "classification" || example.entities.length === 0) return example;
  return { ...example, entities: example.entities.map((entity) => (isInText(entity, example.text) ? { ...entity, surface: "" } : entity)) };
}

/** Moves entities with the text they lie in. */
function withSurfaces(example: NewExample, arrived: NewExample, redactor: Redactor): NewExample {
  if (example.kind !== "classification" || arrived.kind !== "classification" || arrived.entities.length === 0) return example;
  const { text, entities } = redactWithSpans(arrived.text, arrived.entities, redactor);
  const moved = example.entities.map((entity, index): Span => {
    const [before, now] = [arrived.entities[index], entities[index]];
    if (before === undefined || now === undefined) return entity;
    return { ...entity, start: now.start, end: now.end, surface: isInText(before, arrived.text) ? now.surface : entity.surface };
  });
  return { ...example, text, entities: moved };
}

function isInText({ start, end, surface }: Span, text: string): boolean {
  return start >= 0 && codePointSlice(text, start, end) === surface;
}

/** An example is JSON: every member of its schema is. */
function asJson(example: Content & Described): Json {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- newExampleSchema proves it: its members are all JSON types
  return example as unknown as Json;
}

/** The inverse: walks that change strings alone keep the shape of an example. */
function asExample(value: Json): NewExample {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the walk began with an example and keeps keys, kinds and numbers
  return objectOf(value) as unknown as NewExample;
}

function objectOf(value: Json): JsonObject {
  if (!isJsonObject(value)) throw new TilthError("input/invalid", { where: "example", problem: "it is no object" });
  return value;
}
