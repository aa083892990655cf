import { TilthError } from "../errors.ts";
import { redactWithSpans } from "../privacy/redact.ts";
import type { Redactor } from "../privacy/redactor.ts";
import type { Enrichment } from "../quality/enrich.ts";
import { scoreExample } from "../quality/tier.ts";
import type { Checks } from "../rules/run.ts";
import { checkExample, refusalOf } from "../rules/run.ts";
import type { Content, Span } from "../schema/content.ts";
import type { Described, Example, NewExample } from "../schema/example.ts";
import type { Finding } from "../schema/finding.ts";
import { identityOf } from "../schema/identity.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { ResolvedPacks } from "../schema/pack.ts";
import { exampleToRow } from "../schema/row.ts";
import type { NewRow } from "../storage/storage.ts";
import { toHex } from "../text/hash.ts";
import type { Clock } from "../text/ulid.ts";
import { codePointSlice } from "../text/words.ts";
import { mendTexts } from "./mend.ts";

/** What the door is made of; compiled once, used for every record. */
export interface DoorOptions {
  readonly packs: ResolvedPacks;
  readonly redactor: Redactor;
  readonly checks: Checks;
  readonly enrich: (example: NewExample) => Enrichment;
  /** Stable stand-in for an identifier that is personal itself, such as an e-mail address as a user id. */
  readonly pseudonym: (identifier: string) => string;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** What is known of a record beside what it says itself. */
export interface Arrival {
  readonly actor: string;
  readonly importId?: string;
  /** For members the record does not say. */
  readonly defaults?: Described;
  readonly sourceIdIsIdentity?: boolean;
  /** What the reader had to mend. */
  readonly remarks?: readonly { readonly rule: string; readonly message: string; readonly at: string }[];
}

/** An example ready to be stored, or why it is not let in; with the personal data that was taken out, by type. */
export type Passage =
  | { readonly row: NewRow; readonly redacted: Readonly<Record<string, number>> }
  | { readonly refused: string; readonly message: string; readonly redacted: Readonly<Record<string, number>> };

/** The one way in: nothing reaches the pool but through it. */
export type Door = (example: NewExample, arrival: Arrival) => Passage;

/**
 * Makes the door that every example passes, whatever brought it: mend, redact, tag, check, score, hash.
 *
 * The order matters: rules, hashes and scores see only what redaction left, so that nothing stored or compared holds personal data; rules
 * see the domain and relevance that the packs tell. Linear in the example.
 */
export function createDoor(options: DoorOptions): Door {
  return (arrived, arrival) => {
    const mended = mend(withDefaults(arrived, arrival.defaults));
    const { example, redacted } = redact(mended.example, options);
    const enriched = { ...example, ...options.enrich(example) };
    const findings = joined(mended.findings, arrival.remarks, checkExample(enriched, options.checks, redacted));
    const rejection = refusalOf(findings, options.checks);
    if (rejection !== undefined) return { refused: rejection.rule, message: rejection.message, redacted };
    const row = writableRow(enriched, findings, arrival, options);
    if (row === undefined) return { refused: "not-json", message: "a number or the nesting goes beyond what JSON can hold", redacted };
    return { row, redacted };
  };
}

function withDefaults(example: NewExample, defaults: Described | undefined): NewExample {
  if (defaults === undefined) return example;
  const tags = [...new Set([...(defaults.tags ?? []), ...(example.tags ?? [])])];
  return { ...defaults, ...example, ...(tags.length === 0 ? {} : { tags }) };
}

/** Text is checked once, here. */
function mend(example: NewExample): { readonly example: NewExample; readonly findings: readonly Finding[] } {
  const { value, findings } = mendTexts(asJson(example));
  return { example: asExample(value), findings };
}

const identifiers = ["id", "sourceId", "parentId", "groupKey", "createdBy", "corrector"] as const;

/** Takes personal data out of everything an example says; identifiers keep their identity but not their name. */
function redact(
  arrived: NewExample,
  { redactor, pseudonym }: DoorOptions,
): { readonly example: NewExample; readonly redacted: Readonly<Record<string, number>> } {
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

/** What was mended, what the reader remarked, what the rules found; a flaw that reader and rule both name counts once. */
function joined(mended: readonly Finding[], remarks: Arrival["remarks"], found: readonly Finding[]): readonly Finding[] {
  if (mended.length === 0 && (remarks === undefined || remarks.length === 0)) return found;
  const read = (remarks ?? []).map((remark): Finding => ({ ...remark, severity: "warning" }));
  const named = new Set([...mended, ...read].map((finding) => `${finding.rule} ${finding.at}`));
  return [...mended, ...read, ...found.filter((finding) => !named.has(`${finding.rule} ${finding.at}`))];
}

/**
 * The row, or nothing where the example goes beyond JSON: text can say `1e999`, which is read as infinite and cannot be said again, or
 * nest deeper than a walk can follow.
 */
function writableRow(...args: Parameters<typeof rowOf>): NewRow | undefined {
  try {
    return rowOf(...args);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function rowOf(said: NewExample & Enrichment, findings: readonly Finding[], arrival: Arrival, options: DoorOptions): NewRow {
  const nowMs = options.clock.nowMs();
  const quality = scoreExample(said, findings, options.packs.pack);
  const version = `${options.checks.version}+${options.packs.fingerprint.slice(0, 8)}`;
  const { contentHash, inputHash } = identityOf(said);
  const id = said.id ?? options.newId();
  const example: Example = {
    ...said,
    id,
    rev: 1,
    source: said.source ?? "import",
    groupKey: said.groupKey ?? id,
    ...(arrival.importId === undefined ? {} : { importId: arrival.importId }),
    weight: said.weight ?? 1,
    quality,
    reviewStatus: "pending",
    lifecycle: "active",
    includeInTraining: said.includeInTraining ?? true,
    wasCorrected: said.wasCorrected ?? false,
    validated: said.validated ?? false,
    createdAt: new Date(said.createdAt === undefined ? nowMs : Date.parse(said.createdAt)).toISOString(),
    createdBy: said.createdBy ?? arrival.actor,
    updatedAt: new Date(nowMs).toISOString(),
    contentHash: toHex(contentHash),
    inputHash: toHex(inputHash),
    metadata: said.metadata ?? {},
  };
  return {
    row: exampleToRow(example),
    tags: example.tags,
    findings,
    scores:
      quality.score === undefined ? [] : [{ name: "tier", value: quality.score, tier: quality.tier, factors: quality.factors, version }],
    ...(said.engagement === undefined ? {} : { engagement: said.engagement }),
    ...(said.subjectId === undefined ? {} : { subjectId: said.subjectId }),
    sourceIdIsIdentity: arrival.sourceIdIsIdentity ?? false,
  };
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
