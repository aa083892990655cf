import { z } from "zod";
import { chainStart, hashEntry } from "../storage/audit-chain.ts";
import type { ColumnValue, Queries, Snapshot, Storage } from "../storage/storage.ts";
import { toHex } from "../text/hash.ts";

/** Something that was changed, added or taken away by another than the audit's writers. */
export interface AuditProblem {
  readonly segment: string;
  /** The entry where it shows; absent where a whole segment, or its end, is meant. */
  readonly seq?: number;
  readonly problem: string;
}

export interface AuditReport {
  readonly entries: number;
  readonly segments: number;
  /** At most 1,000. */
  readonly problems: readonly AuditProblem[];
}

export const auditReportSchema: z.ZodType<AuditReport> = z.object({
  entries: z.int().min(0),
  segments: z.int().min(0),
  problems: z.array(z.object({ segment: z.string(), seq: z.exactOptional(z.int()), problem: z.string() })).readonly(),
});

export interface AuditVerifyOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: { readonly done: number; readonly total: number }) => void;
}

const MOST_PROBLEMS = 1_000;

/**
 * Walks every chain of the audit and joins them by what their first entries, and the heads, say of each other's ends.
 *
 * Finds an entry that was changed or is missing, at the end as well, and a segment that is missing or was added. Who can rewrite
 * every hash from the change on and the heads too leaves no trace in the pool alone: keep the last hash elsewhere.
 *
 * One pass; memory grows with the number of segments.
 */
export async function verifyAudit(storage: Storage, options: AuditVerifyOptions = {}): Promise<AuditReport> {
  return storage.read(async (snapshot) => {
    const problems: AuditProblem[] = [];
    const report = (problem: AuditProblem): void => void (problems.length < MOST_PROBLEMS && problems.push(problem));
    const joins = await readJoins(snapshot.queries, report);
    const ends = await walk(snapshot, joins, report, options);
    const entries = ends.values().reduce((sum, { count }) => sum + count, 0);
    judgeJoins(joins, ends, report);
    return { entries, segments: ends.size, problems };
  });
}

/** What is said of a segment's ends. */
interface Joins {
  /** Hashes, in hex, that later segments took up and that were not met yet. */
  readonly taken: Map<string, Map<string, string>>;
  /** All segments that another took up, also those whose hashes were met. */
  readonly joined: Set<string>;
  /** The end of each segment that none has taken up since. */
  readonly heads: ReadonlyMap<string, string>;
}

const takenUp = z.object({ segments: z.record(z.string(), z.string()) });

async function readJoins(queries: Queries, report: (problem: AuditProblem) => void): Promise<Joins> {
  const heads = await queries.selectFrom("audit_head").selectAll().execute();
  const joins: Joins = { taken: new Map(), joined: new Set(), heads: new Map(heads.map(({ segment, hash }) => [segment, toHex(hash)])) };
  const firsts = await queries
    .selectFrom("audit")
    .select(["segment", "seq", "detail"])
    .where("seq", "in", (inner) =>
      inner
        .selectFrom("audit as first")
        .select(({ fn }) => fn.min("first.seq").as("seq"))
        .groupBy("first.segment"),
    )
    .execute();
  for (const { segment, seq, detail } of firsts) {
    const parsed = takenUp.safeParse(parseJson(detail));
    if (!parsed.success) {
      report({ segment, seq, problem: "its first entry does not say which segments were there" });
      continue;
    }
    for (const [other, hash] of Object.entries(parsed.data.segments)) {
      joins.joined.add(other);
      const taken = joins.taken.get(other) ?? new Map<string, string>();
      joins.taken.set(other, taken.set(hash, segment));
    }
  }
  return joins;
}

interface End {
  readonly hash: string;
  readonly count: number;
}

const BATCH_ROWS = 5_000;

async function walk(
  { queries, scan }: Snapshot,
  { taken }: Joins,
  report: (problem: AuditProblem) => void,
  { signal, progress }: AuditVerifyOptions,
): Promise<ReadonlyMap<string, End>> {
  const { total } = await queries
    .selectFrom("audit")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const query = queries
    .selectFrom("audit")
    .select(["segment", "seq", "at", "actor", "action", "object", "detail", "previous", "hash"])
    .orderBy("segment")
    .orderBy("seq");
  const ends = new Map<string, End>();
  let before: { readonly segment: string; readonly hash: Uint8Array } | undefined;
  let done = 0;
  for await (const rows of scan(query, { batchRows: BATCH_ROWS, ...(signal === undefined ? {} : { signal }) })) {
    for (const row of rows) {
      const { previous, hash, ...entry } = entryOf(row);
      const { segment, seq } = entry;
      const expected = before?.segment === segment ? before.hash : chainStart;
      if (!isSame(previous, expected)) {
        const problem =
          before?.segment === segment ? "the entry before it is missing or was changed" : "the segment's first entry is missing";
        report({ segment, seq, problem });
      }
      if (!isSame(hash, hashEntry(previous, entry))) report({ segment, seq, problem: "it is not what it was when it was written" });
      const inHex = toHex(hash);
      taken.get(segment)?.delete(inHex);
      ends.set(segment, { hash: inHex, count: (ends.get(segment)?.count ?? 0) + 1 });
      before = { segment, hash };
    }
    done += rows.length;
    progress?.({ done, total });
  }
  return ends;
}

function judgeJoins({ taken, joined, heads }: Joins, ends: ReadonlyMap<string, End>, report: (problem: AuditProblem) => void): void {
  for (const [segment, hashes] of taken) {
    const [by] = hashes.values();
    if (by === undefined) continue;
    const problem = ends.has(segment)
      ? `an entry that the segment ${by} saw is missing`
      : `the whole segment is missing; the segment ${by} saw it`;
    report({ segment, problem });
  }
  for (const [segment, hash] of heads) {
    const end = ends.get(segment);
    if (end === undefined && !joined.has(segment)) report({ segment, problem: "the whole segment is missing" });
    else if (end !== undefined && end.hash !== hash) report({ segment, problem: "entries at its end are missing or were added" });
  }
  for (const segment of ends.keys())
    if (!joined.has(segment) && !heads.has(segment)) report({ segment, problem: "no other segment and no head knows it" });
}

function entryOf(row: readonly ColumnValue[]) {
  const [segment, seq, at, actor, action, object, detail, previous, hash] = row;
  return {
    segment: String(segment),
    seq: Number(seq),
    at: Number(at),
    actor: String(actor),
    action: String(action),
    object: String(object),
    detail: String(detail),
    previous: bytesOf(previous),
    hash: bytesOf(hash),
  };
}

function bytesOf(value: ColumnValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
