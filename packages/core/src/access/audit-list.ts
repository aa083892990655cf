import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Storage } from "../storage/storage.ts";
import { toHex } from "../text/hash.ts";

/** An entry of the audit as it is shown. */
export interface ShownEntry {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: JsonObject;
  /** The run of the writer it belongs to. */
  readonly segment: string;
  readonly hash: string;
}

export const shownEntrySchema: z.ZodType<ShownEntry> = z.object({
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  detail: z.record(z.string(), z.json()),
  segment: z.string(),
  hash: z.string(),
});

export interface AuditListOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly object?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly ShownEntry[];
  /** Absent on the last page. */
  readonly next?: string;
}

/**
 * Lists the audit, newest first, page by page.
 *
 * @throws {@link TilthError} `input/invalid` for a cursor that is not ours.
 */
export async function listAudit(storage: Storage, options: AuditListOptions): Promise<AuditPage> {
  const { actor, action, object, sinceMs, untilMs, limit, cursor } = options;
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    throw new TilthError("input/invalid", { where: "cursor", problem: "it is not the `next` of a page" });
  const rows = await storage.read(({ queries }) => {
    let query = queries.selectFrom("audit").selectAll();
    if (cursor !== undefined) query = query.where("seq", "<", Number(cursor));
    if (actor !== undefined) query = query.where("actor", "=", actor);
    if (action !== undefined) query = query.where("action", "=", action);
    if (object !== undefined) query = query.where("object", "=", object);
    if (sinceMs !== undefined) query = query.where("at", ">=", sinceMs);
    if (untilMs !== undefined) query = query.where("at", "<", untilMs);
    return query
      .orderBy("seq", "desc")
      .limit(limit + 1)
      .execute();
  });
  const page = rows.slice(0, limit);
  const entries = page.map(({ seq, at, actor: who, action: what, object: of, detail, segment, hash }) => ({
    seq,
    at: new Date(at).toISOString(),
    actor: who,
    action: what,
    object: of,
    detail: detailOf(detail),
    segment,
    hash: toHex(hash),
  }));
  const last = page.at(-1);
  return rows.length > limit && last !== undefined ? { entries, next: String(last.seq) } : { entries };
}

const anyObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** What somebody broke is shown as it stands: `audit verify` says what is wrong with it. */
function detailOf(text: string): JsonObject {
  try {
    return anyObject.parse(JSON.parse(text));
  } catch {
    return { unreadable: text };
  }
}
