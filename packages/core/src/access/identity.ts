import type { Scope } from "../schema/scope.ts";
import type { Queries } from "../storage/storage.ts";

/** Who asks, once a key or a session has proved it. */
export interface Identity {
  readonly kind: "key" | "session";
  /** Of the key or the session. */
  readonly id: string;
  /** `key:ci` or `user:ana`, as audit and provenance show it. */
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Ids of the only datasets it reaches, and the names that lead to them; absent = all. */
  readonly datasets?: ReadonlySet<string>;
  /** The last use is to be kept: it is written at most once a minute. */
  readonly isUseDue: boolean;
}

/** How often the last use of a key or a session is written. */
export const USE_STEP_MS = 60_000;

/** The words that lead to these datasets. A name that is another dataset's id leads there, so it is left out. */
export async function wordsForDatasets(queries: Queries, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const named = await queries.selectFrom("dataset").select("name").where("id", "in", ids).execute();
  const names = named.map(({ name }) => name);
  if (names.length === 0) return new Set(ids);
  const taken = new Set((await queries.selectFrom("dataset").select("id").where("id", "in", names).execute()).map(({ id }) => id));
  return new Set([...ids, ...names.filter((name) => !taken.has(name))]);
}

/** Keeps that a key or a session was used, and lets a session slide. */
export async function noteUse(storage: UseStorage, { kind, id }: Pick<Identity, "kind" | "id">, nowMs: number): Promise<void> {
  await storage.transaction(async (queries) => {
    if (kind === "key") {
      await queries.updateTable("api_key").set({ used_at: nowMs }).where("id", "=", id).execute();
      return;
    }
    const found = await queries
      .selectFrom("session")
      .select("ends_at")
      .where("id", "=", id)
      .where("expires_at", ">", nowMs)
      .executeTakeFirst();
    if (found === undefined) return;
    await queries
      .updateTable("session")
      .set({ used_at: nowMs, expires_at: Math.min(nowMs + SESSION_IDLE_MS, found.ends_at) })
      .where("id", "=", id)
      .execute();
  });
}

/** A session that nobody uses ends after this. */
export const SESSION_IDLE_MS = 12 * 3_600_000;

interface UseStorage {
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}
