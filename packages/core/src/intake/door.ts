import type { Enrichment } from "../quality/enrich.ts";
import { scoreExample } from "../quality/tier.ts";
import type { Checks } from "../rules/run.ts";
import { checkExample, refusalOf } from "../rules/run.ts";
import type { Described, NewExample } from "../schema/example.ts";
import type { Finding } from "../schema/finding.ts";
import { identityOf } from "../schema/identity.ts";
import type { ResolvedPacks } from "../schema/pack.ts";
import { entryToRow } from "../schema/row.ts";
import type { NewRow } from "../storage/storage.ts";
import type { Clock } from "../text/ulid.ts";
import type { CleanOptions } from "./clean.ts";
import { cleanExample } from "./clean.ts";

/** What the door is made of; compiled once, used for every record. */
export interface DoorOptions extends CleanOptions {
  readonly packs: ResolvedPacks;
  readonly checks: Checks;
  readonly enrich: (example: NewExample) => Enrichment;
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
  | {
      readonly row: NewRow;
      /** What it says now, and what had to be mended: let in once more with both, it gives the same row. */
      readonly said: NewExample;
      readonly mended: readonly Finding[];
      readonly redacted: Readonly<Record<string, number>>;
    }
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
  const rowOptions = { ...options, scoreVersion: `${options.checks.version}+${options.packs.fingerprint.slice(0, 8)}` };
  return (arrived, arrival) => {
    const { example, findings: mended, redacted } = cleanExample(withDefaults(arrived, arrival.defaults), options);
    const enriched = { ...example, ...options.enrich(example) };
    const findings = joined(mended, arrival.remarks, checkExample(enriched, options.checks, redacted));
    const rejection = refusalOf(findings, options.checks);
    if (rejection !== undefined) return { refused: rejection.rule, message: rejection.message, redacted };
    const row = writableRow(enriched, findings, arrival, rowOptions);
    if (row === undefined) return { refused: "not-json", message: "a number or the nesting goes beyond what JSON can hold", redacted };
    return { row, said: example, mended, redacted };
  };
}

function withDefaults(example: NewExample, defaults: Described | undefined): NewExample {
  if (defaults === undefined || (example.tags === undefined && Object.keys(defaults).length === 0)) return example;
  const tags = [...new Set([...(defaults.tags ?? []), ...(example.tags ?? [])])];
  return { ...defaults, ...example, ...(tags.length === 0 ? {} : { tags }) };
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

interface RowOptions extends DoorOptions {
  /** Which rules and packs made a score. */
  readonly scoreVersion: string;
}

function rowOf(
  said: NewExample & Enrichment,
  findings: readonly Finding[],
  arrival: Arrival,
  { clock, newId, packs, scoreVersion }: RowOptions,
): NewRow {
  const nowMs = clock.nowMs();
  const quality = scoreExample(said, findings, packs.pack);
  const { contentHash, inputHash } = identityOf(said);
  const id = said.id ?? newId();
  const row = entryToRow(said, {
    id,
    rev: 1,
    source: said.source ?? "import",
    sourceKind: said.sourceKind,
    groupKey: said.groupKey ?? id,
    domain: said.domain,
    tags: said.tags,
    importId: arrival.importId,
    weight: said.weight ?? 1,
    quality,
    reviewStatus: "pending",
    lifecycle: "active",
    includeInTraining: said.includeInTraining ?? true,
    wasCorrected: said.wasCorrected ?? false,
    validated: said.validated ?? false,
    createdAtMs: said.createdAt === undefined ? nowMs : timeOf(said.createdAt),
    createdBy: said.createdBy ?? arrival.actor,
    updatedAtMs: nowMs,
    contentHash,
    inputHash,
    metadata: said.metadata ?? {},
  });
  const { score, tier, factors } = quality;
  const entered: NewRow = {
    row,
    tags: said.tags,
    findings,
    scores: score === undefined ? [] : [{ name: "tier", value: score, tier, factors, version: scoreVersion }],
    sourceIdIsIdentity: arrival.sourceIdIsIdentity ?? false,
  };
  const { engagement, subjectId } = said;
  if (engagement === undefined && subjectId === undefined) return entered;
  return { ...entered, ...(engagement === undefined ? {} : { engagement }), ...(subjectId === undefined ? {} : { subjectId }) };
}

/** @throws RangeError for what is no time. */
function timeOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError("JSON cannot hold this time");
  return ms;
}
