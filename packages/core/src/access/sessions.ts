import { TilthError } from "../errors.ts";
import { scopesOfRole } from "../schema/scope.ts";
import type { Queries, Storage } from "../storage/storage.ts";
import type { SessionTable } from "../storage/tables.ts";
import type { RandomSource } from "../text/ulid.ts";
import { systemRandom } from "../text/ulid.ts";
import type { Identity } from "./identity.ts";
import { SESSION_IDLE_MS, USE_STEP_MS, wordsForDatasets } from "./identity.ts";
import { hashSecret, makeSecret } from "./secret.ts";
import { datasetsOf, findUser, insertUser } from "./users.ts";

/** However busy, a session ends after this. */
const SESSION_MS = 14 * 86_400_000;
const LINK_MS = 15 * 60_000;

/** What a browser is given; only its hash is stored. */
export interface StartedSession {
  readonly token: string;
  readonly id: string;
  readonly user: string;
  readonly endsAtMs: number;
}

export interface SessionOptions {
  readonly newId: () => string;
  readonly nowMs: number;
  /** What the browser says of itself, for the list of sessions. */
  readonly agent?: string;
  readonly random?: RandomSource;
}

/**
 * Starts a session of a user. Sessions that have ended are cleared away with it.
 *
 * @throws {@link TilthError} `auth/not-found`.
 */
export async function startSession(storage: Storage, user: string, options: SessionOptions): Promise<StartedSession> {
  return storage.transaction(async (queries) => insertSession(queries, await findUser(queries, user), options));
}

/**
 * Finds out whose session a token is.
 *
 * @throws {@link TilthError} `auth/invalid` where there is none, or none any more.
 */
export async function identifySession(storage: Storage, token: string, nowMs: number): Promise<Identity> {
  return storage.read(async ({ queries }) => {
    const row = await queries
      .selectFrom("session")
      .innerJoin("user", "user.id", "session.user_id")
      .select(["session.id", "session.used_at", "user.name", "user.role", "user.datasets"])
      .where("session.hash", "=", hashSecret(token))
      .where("session.kind", "=", "session")
      .where("session.expires_at", ">", nowMs)
      .where("user.removed_at", "is", null)
      .executeTakeFirst();
    if (row === undefined) throw new TilthError("auth/invalid", { what: "session", reason: "it has ended" });
    const datasets = datasetsOf(row);
    return {
      kind: "session",
      id: row.id,
      actor: `user:${row.name}`,
      scopes: new Set(scopesOfRole[row.role]),
      ...(datasets === undefined ? {} : { datasets: await wordsForDatasets(queries, datasets) }),
      isUseDue: nowMs - row.used_at >= USE_STEP_MS,
    };
  });
}

/** Ends a session; the next request with it is refused. */
export async function endSession(storage: Storage, id: string): Promise<void> {
  await storage.transaction((queries) => queries.deleteFrom("session").where("id", "=", id).execute());
}

/** Who a sign-in link lets in. */
export interface LinkOptions extends SessionOptions {
  /** Becomes an administrator without a password where there is no such user. */
  readonly user: string;
}

/**
 * Makes the secret of a sign-in link: it starts one session, once, within 15 minutes.
 *
 * For the first start, when nobody has a password yet.
 */
export async function createSignInLink(
  storage: Storage,
  options: LinkOptions,
): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
  const { newId, nowMs, random = systemRandom } = options;
  const name = options.user.toLowerCase();
  const token = makeSecret(random);
  await storage.transaction(async (queries) => {
    const known = await queries.selectFrom("user").select("id").where("name", "=", name).where("removed_at", "is", null).executeTakeFirst();
    const id = known?.id ?? newId();
    const made = { id, name, role: "admin", datasets: null, password: null, removed_at: null } as const;
    if (known === undefined) await insertUser(queries, { ...made, created_by: "tilth", created_at: nowMs, updated_at: nowMs });
    await insertRow(queries, { kind: "link", token, userId: id, endsAtMs: nowMs + LINK_MS, expiresAtMs: nowMs + LINK_MS }, options);
  });
  return { token, expiresAtMs: nowMs + LINK_MS };
}

/**
 * Turns a sign-in link into a session and ends the link.
 *
 * @throws {@link TilthError} `auth/invalid` for a link that was used, or is too old.
 */
export async function redeemSignInLink(storage: Storage, token: string, options: SessionOptions): Promise<StartedSession> {
  return storage.transaction(async (queries) => {
    const link = await queries
      .selectFrom("session")
      .select(["id", "user_id"])
      .where("hash", "=", hashSecret(token))
      .where("kind", "=", "link")
      .where("expires_at", ">", options.nowMs)
      .executeTakeFirst();
    if (link === undefined)
      throw new TilthError("auth/invalid", { what: "sign-in link", reason: "it was used, or is older than 15 minutes" });
    await queries.deleteFrom("session").where("id", "=", link.id).execute();
    return insertSession(queries, await findUser(queries, link.user_id), options);
  });
}

async function insertSession(
  queries: Queries,
  user: { readonly id: string; readonly name: string },
  options: SessionOptions,
): Promise<StartedSession> {
  const { nowMs, random = systemRandom } = options;
  await queries.deleteFrom("session").where("expires_at", "<=", nowMs).execute();
  const token = makeSecret(random);
  const endsAtMs = nowMs + SESSION_MS;
  const id = await insertRow(queries, { kind: "session", token, userId: user.id, endsAtMs, expiresAtMs: nowMs + SESSION_IDLE_MS }, options);
  return { token, id, user: user.name, endsAtMs };
}

interface NewSession {
  readonly kind: SessionTable["kind"];
  readonly token: string;
  readonly userId: string;
  readonly expiresAtMs: number;
  readonly endsAtMs: number;
}

async function insertRow(queries: Queries, made: NewSession, { newId, nowMs, agent = "" }: SessionOptions): Promise<string> {
  const id = newId();
  const times = { created_at: nowMs, used_at: nowMs, expires_at: made.expiresAtMs, ends_at: made.endsAtMs };
  await queries
    .insertInto("session")
    .values({ id, kind: made.kind, hash: hashSecret(made.token), user_id: made.userId, ...times, agent: agent.slice(0, 200) })
    .execute();
  return id;
}
