import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Role } from "../schema/scope.ts";
import { roles } from "../schema/scope.ts";
import type { Queries, Storage } from "../storage/storage.ts";
import type { UserTable } from "../storage/tables.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nearest } from "../text/nearest.ts";
import { checkPassword, hashPassword } from "./password.ts";

/** A person who may sign in. */
export interface UserSummary {
  readonly id: string;
  /** Lower case, unique among those who are not removed. */
  readonly name: string;
  readonly role: Role;
  /** Ids; absent = all. */
  readonly datasets?: readonly string[];
  /** False for somebody who came by a sign-in link and has set none yet. */
  readonly hasPassword: boolean;
  readonly createdBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The members of a {@link UserSummary}, to be extended. */
export const userSummaryShape = {
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  datasets: z.exactOptional(z.array(z.string()).readonly()),
  hasPassword: z.boolean(),
  createdBy: z.string(),
  createdAt: z.string(),
} as const;

/** What may name a user or a key: it stands in the audit and in provenance. */
export const accessName: z.ZodType<string, string> = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,63}$/, "a name is 1 to 64 letters, digits or . _ @ + -, and begins with a letter or digit");

export interface NewUser {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly datasets?: readonly string[];
  readonly password: string;
  readonly actor: string;
  readonly nowMs: number;
}

/**
 * Makes a user.
 *
 * @throws {@link TilthError} `auth/exists`, `auth/weak-password`.
 */
export async function createUser(storage: Storage, made: NewUser): Promise<UserSummary> {
  const { id, name, role, datasets, password, actor, nowMs } = made;
  checkPassword(password, name);
  const row: UserTable = {
    id,
    name,
    role,
    datasets: datasets === undefined ? null : canonicalJson(datasets.toSorted()),
    password: await hashPassword(password),
    created_by: actor,
    created_at: nowMs,
    updated_at: nowMs,
    removed_at: null,
  };
  await storage.transaction((queries) => insertUser(queries, row));
  return summaryOf(row);
}

/** All users by name. */
export async function listUsers(storage: Storage): Promise<readonly UserSummary[]> {
  const rows = await storage.read(({ queries }) =>
    queries.selectFrom("user").selectAll().where("removed_at", "is", null).orderBy("name").execute(),
  );
  return rows.map(summaryOf);
}

/** What of a user changes; a member that is absent stays. */
export interface UserChange {
  readonly user: string;
  readonly role?: Role;
  /** Ids; `"all"` takes the limit away. */
  readonly datasets?: readonly string[] | "all";
  readonly nowMs: number;
}

/**
 * Changes what a user may do, from the next request on.
 *
 * @throws {@link TilthError} `auth/not-found`.
 */
export async function updateUser(storage: Storage, { user, role, datasets, nowMs }: UserChange): Promise<UserSummary> {
  return storage.transaction(async (queries) => {
    const found = await findUser(queries, user);
    const set = {
      updated_at: nowMs,
      role: role ?? found.role,
      datasets: datasets === undefined ? found.datasets : datasets === "all" ? null : canonicalJson(datasets.toSorted()),
    };
    await queries.updateTable("user").set(set).where("id", "=", found.id).execute();
    return summaryOf({ ...found, ...set });
  });
}

/**
 * Removes a user and ends their sessions. What they did keeps their name; the row stays without a password.
 *
 * @throws {@link TilthError} `auth/not-found`.
 */
export async function removeUser(
  storage: Storage,
  { user, nowMs }: { readonly user: string; readonly nowMs: number },
): Promise<UserSummary> {
  return storage.transaction(async (queries) => {
    const found = await findUser(queries, user);
    const set = { removed_at: nowMs, updated_at: nowMs, password: null };
    await queries.updateTable("user").set(set).where("id", "=", found.id).execute();
    await queries.deleteFrom("session").where("user_id", "=", found.id).execute();
    return summaryOf({ ...found, ...set });
  });
}

/** A new password for a user. */
export interface PasswordChange {
  readonly user: string;
  readonly password: string;
  /** The session that sets it, which goes on. @defaultValue none: all sessions end */
  readonly keepSession?: string;
  readonly nowMs: number;
}

/**
 * Sets a password and ends the user's sessions.
 *
 * @throws {@link TilthError} `auth/not-found`, `auth/weak-password`.
 */
export async function setPassword(storage: Storage, change: PasswordChange): Promise<UserSummary> {
  const { user, password, keepSession = "", nowMs } = change;
  const { name } = await storage.read(({ queries }) => findUser(queries, user));
  checkPassword(password, name);
  const hash = await hashPassword(password);
  return storage.transaction(async (queries) => {
    const found = await findUser(queries, user);
    const set = { password: hash, updated_at: nowMs };
    await queries.updateTable("user").set(set).where("id", "=", found.id).execute();
    await queries.deleteFrom("session").where("user_id", "=", found.id).where("id", "!=", keepSession).execute();
    return summaryOf({ ...found, ...set });
  });
}

/**
 * Finds a user by name or id.
 *
 * @throws {@link TilthError} `auth/not-found`, which names the nearest.
 */
export async function findUser(queries: Queries, nameOrId: string): Promise<UserTable> {
  const rows = await queries.selectFrom("user").selectAll().where("removed_at", "is", null).execute();
  const name = nameOrId.trim().toLowerCase();
  const found = rows.find((row) => row.name === name) ?? rows.find((row) => row.id === nameOrId);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    rows.map((row) => row.name),
  );
  const hint = near === undefined ? "`tilth user` lists them." : `Did you mean ${near}?`;
  throw new TilthError("auth/not-found", { what: "user", name: nameOrId, hint });
}

/**
 * Stores a user.
 *
 * @throws {@link TilthError} `auth/exists`.
 */
export async function insertUser(queries: Queries, row: UserTable): Promise<void> {
  const twin = await queries
    .selectFrom("user")
    .select("id")
    .where("name", "=", row.name)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  if (twin !== undefined) throw new TilthError("auth/exists", { what: "user", name: row.name });
  await queries.insertInto("user").values(row).execute();
}

/**
 * True once there is, or was, a way to prove who one is: a key, or a user with a password. From then on nobody comes in without.
 *
 * What was revoked or removed counts, so that a key's end never opens a door.
 */
export async function hasCredentials(storage: Pick<Storage, "read">): Promise<boolean> {
  return storage.read(async ({ queries }) => {
    const key = await queries.selectFrom("api_key").select("id").limit(1).executeTakeFirst();
    if (key !== undefined) return true;
    const user = await queries
      .selectFrom("user")
      .select("id")
      .where((is) => is.or([is("password", "is not", null), is("removed_at", "is not", null)]))
      .limit(1)
      .executeTakeFirst();
    return user !== undefined;
  });
}

/** A user as others see it. */
export function summaryOf(row: UserTable): UserSummary {
  const datasets = datasetsOf(row);
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    ...(datasets === undefined ? {} : { datasets }),
    hasPassword: row.password !== null,
    createdBy: row.created_by,
    createdAt: new Date(row.created_at).toISOString(),
  };
}

/** Ids of the only datasets a user reaches; undefined = all. */
export function datasetsOf({ datasets }: Pick<UserTable, "datasets">): readonly string[] | undefined {
  return datasets === null ? undefined : z.array(z.string()).parse(JSON.parse(datasets));
}
