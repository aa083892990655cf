import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Scope } from "../schema/scope.ts";
import { scopes as allScopes } from "../schema/scope.ts";
import type { Storage } from "../storage/storage.ts";
import type { ApiKeyTable } from "../storage/tables.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nearest } from "../text/nearest.ts";
import type { RandomSource } from "../text/ulid.ts";
import { systemRandom } from "../text/ulid.ts";
import type { Identity } from "./identity.ts";
import { USE_STEP_MS, wordsForDatasets } from "./identity.ts";
import { hashSecret, isSecret, makeSecret } from "./secret.ts";

/** A key without its secret. */
export interface KeySummary {
  readonly id: string;
  /** Unique among keys that are not revoked. */
  readonly name: string;
  /** The beginning of the key: enough to recognise it, too little to use it. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  /** Ids; absent = all. */
  readonly datasets?: readonly string[];
  readonly createdBy: string;
  /** Times are ISO 8601. */
  readonly createdAt: string;
  readonly expiresAt?: string;
  /** To the minute. */
  readonly usedAt?: string;
  readonly revokedAt?: string;
  readonly revokedBy?: string;
}

/** The members of a {@link KeySummary}, to be extended. */
export const keySummaryShape = {
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(allScopes)).readonly(),
  datasets: z.exactOptional(z.array(z.string()).readonly()),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.exactOptional(z.string()),
  usedAt: z.exactOptional(z.string()),
  revokedAt: z.exactOptional(z.string()),
  revokedBy: z.exactOptional(z.string()),
} as const;

/** A key on the only occasion on which it is whole. */
export interface NewKey extends KeySummary {
  readonly key: string;
}

export interface KeyOptions {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Ids. @defaultValue all datasets */
  readonly datasets?: readonly string[];
  readonly expiresAtMs?: number;
  readonly actor: string;
  readonly nowMs: number;
  readonly random?: RandomSource;
}

/**
 * Makes a key: 256 random bits, of which a hash is stored.
 *
 * @throws {@link TilthError} `auth/exists` for a name that a living key has; `input/invalid` for an expiry that has passed.
 */
export async function createKey(storage: Storage, options: KeyOptions): Promise<NewKey> {
  const { id, name, scopes, datasets, expiresAtMs, actor, nowMs, random = systemRandom } = options;
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs)
    throw new TilthError("input/invalid", { where: "expiry of the key", problem: "it lies in the past" });
  const prefix = makePrefix(random);
  const key = `tilth_${prefix}_${makeSecret(random)}`;
  const row: ApiKeyTable = {
    id,
    prefix,
    hash: hashSecret(key),
    name,
    scopes: canonicalJson(allScopes.filter((scope) => scopes.includes(scope))),
    datasets: datasets === undefined ? null : canonicalJson(datasets.toSorted()),
    created_by: actor,
    created_at: nowMs,
    expires_at: expiresAtMs ?? null,
    used_at: null,
    revoked_at: null,
    revoked_by: null,
  };
  await storage.transaction(async (queries) => {
    const twin = await queries
      .selectFrom("api_key")
      .select("id")
      .where("name", "=", name)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (twin !== undefined) throw new TilthError("auth/exists", { what: "key", name });
    await queries.insertInto("api_key").values(row).execute();
  });
  return { ...summaryOf(row), key };
}

/** All keys, newest first, also those that are revoked. */
export async function listKeys(storage: Storage): Promise<readonly KeySummary[]> {
  const rows = await storage.read(({ queries }) =>
    queries.selectFrom("api_key").selectAll().orderBy("created_at", "desc").orderBy("id", "desc").execute(),
  );
  return rows.map(summaryOf);
}

/**
 * Ends a key for good, by its name, its prefix or its id. The next request with it is refused.
 *
 * @throws {@link TilthError} `auth/not-found` where no living key is meant.
 */
export async function revokeKey(
  storage: Storage,
  { key, actor, nowMs }: { readonly key: string; readonly actor: string; readonly nowMs: number },
): Promise<KeySummary> {
  return storage.transaction(async (queries) => {
    const living = await queries.selectFrom("api_key").selectAll().where("revoked_at", "is", null).execute();
    const found =
      living.find(({ name }) => name === key) ??
      living.find(({ id, prefix }) => id === key || prefix === key.replace(/^tilth_([0-9a-z]+).*/, "$1"));
    if (found === undefined)
      throw noKey(
        key,
        living.map(({ name }) => name),
      );
    const revoked = { revoked_at: nowMs, revoked_by: actor };
    await queries.updateTable("api_key").set(revoked).where("id", "=", found.id).execute();
    return summaryOf({ ...found, ...revoked });
  });
}

/**
 * Finds out who a key stands for.
 *
 * @throws {@link TilthError} `auth/invalid` for a key that is unknown, revoked or expired.
 */
export async function identifyKey(storage: Storage, key: string, nowMs: number): Promise<Identity> {
  const prefix = /^tilth_([0-9a-z]{8})_[\w-]{43}$/.exec(key)?.[1] ?? "";
  return storage.read(async ({ queries }) => {
    const row = await queries.selectFrom("api_key").selectAll().where("prefix", "=", prefix).executeTakeFirst();
    // An unknown prefix is compared as well, so that it takes as long as a known one.
    const isRight = isSecret(key, row?.hash ?? nobody);
    if (row === undefined || !isRight) throw new TilthError("auth/invalid", { what: "key", reason: "nobody was given it" });
    if (row.revoked_at !== null) throw new TilthError("auth/invalid", { what: "key", reason: "it was revoked" });
    if (row.expires_at !== null && row.expires_at <= nowMs) throw new TilthError("auth/invalid", { what: "key", reason: "it has expired" });
    const { scopes, datasets } = summaryOf(row);
    return {
      kind: "key",
      id: row.id,
      actor: `key:${row.name}`,
      scopes: new Set(scopes),
      ...(datasets === undefined ? {} : { datasets: await wordsForDatasets(queries, datasets) }),
      isUseDue: row.used_at === null || nowMs - row.used_at >= USE_STEP_MS,
    };
  });
}

const nobody: Uint8Array = new Uint8Array(32);

const PREFIX_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

function makePrefix(random: RandomSource): string {
  return Array.from(random.bytes(8), (byte) => PREFIX_ALPHABET[byte & 31]).join("");
}

function noKey(key: string, names: readonly string[]): TilthError {
  const near = nearest(key, names);
  // What was given may be a whole key: only a name is repeated.
  const name = key.startsWith("tilth_") ? "that begins so" : key;
  const hint = near === undefined ? "`tilth key` lists them." : `Did you mean ${near}?`;
  return new TilthError("auth/not-found", { what: "key", name, hint });
}

const scopeList = z.array(z.enum(allScopes)).readonly();
const datasetList = z.array(z.string()).readonly();

function summaryOf(row: ApiKeyTable): KeySummary {
  return {
    id: row.id,
    name: row.name,
    prefix: `tilth_${row.prefix}`,
    scopes: scopeList.parse(JSON.parse(row.scopes)),
    ...(row.datasets === null ? {} : { datasets: datasetList.parse(JSON.parse(row.datasets)) }),
    createdBy: row.created_by,
    createdAt: new Date(row.created_at).toISOString(),
    ...(row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at).toISOString() }),
    ...(row.used_at === null ? {} : { usedAt: new Date(row.used_at).toISOString() }),
    ...(row.revoked_at === null ? {} : { revokedAt: new Date(row.revoked_at).toISOString() }),
    ...(row.revoked_by === null ? {} : { revokedBy: row.revoked_by }),
  };
}
