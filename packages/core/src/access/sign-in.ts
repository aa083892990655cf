import { TilthError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import type { UserTable } from "../storage/tables.ts";
import { hashPassword, matchPassword } from "./password.ts";
import type { Throttle } from "./throttle.ts";
import { findUser, setPassword } from "./users.ts";

/** A name and a password on their way in. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface SignInOptions {
  /** By account and by address. */
  readonly throttles: { readonly account: Throttle; readonly address: Throttle };
  readonly address: string;
  readonly nowMs: number;
}

/**
 * Finds out whether somebody is who they say.
 *
 * An unknown name costs the same time and the same waits as a wrong password, and is answered with the same words.
 *
 * @returns The user's name.
 * @throws {@link TilthError} `auth/wrong-sign-in`, `auth/throttled`.
 */
export async function checkSignIn(storage: Storage, { name, password }: Credentials, options: SignInOptions): Promise<string> {
  const { throttles, address, nowMs } = options;
  const account = name.trim().toLowerCase();
  throttles.address.attempt(address);
  throttles.account.attempt(account);
  const user = await storage.read(({ queries }) =>
    queries.selectFrom("user").selectAll().where("name", "=", account).where("removed_at", "is", null).executeTakeFirst(),
  );
  const { isRight, isOutdated } = await matchPassword(password, user?.password ?? undefined);
  if (user === undefined || !isRight) throw new TilthError("auth/wrong-sign-in", {});
  throttles.account.forgive(account, "all");
  throttles.address.forgive(address, "one"); // one's own account does not clear the way to those of others
  if (isOutdated) await hashAnew(storage, user, { password, nowMs });
  return user.name;
}

/** Somebody's own new password. */
export interface OwnPassword {
  readonly user: string;
  /** The one that was: whoever finds a browser open cannot take the account with it. Not looked at where there is none yet. */
  readonly current: string;
  readonly password: string;
  /** The session that goes on; all others end. */
  readonly keepSession: string;
}

/**
 * Sets one's own password.
 *
 * @throws {@link TilthError} `auth/wrong-sign-in`, `auth/throttled`, `auth/weak-password`.
 */
export async function changeOwnPassword(
  storage: Storage,
  { user, current, password, keepSession }: OwnPassword,
  options: SignInOptions,
): Promise<void> {
  const found = await storage.read(({ queries }) => findUser(queries, user));
  if (found.password !== null) await checkSignIn(storage, { name: found.name, password: current }, options);
  await setPassword(storage, { user: found.id, password, keepSession, nowMs: options.nowMs });
}

async function hashAnew(
  storage: Storage,
  user: UserTable,
  { password, nowMs }: { readonly password: string; readonly nowMs: number },
): Promise<void> {
  const hash = await hashPassword(password);
  await storage.transaction((queries) =>
    queries
      .updateTable("user")
      .set({ password: hash, updated_at: nowMs })
      .where("id", "=", user.id)
      .where("password", "=", user.password)
      .execute(),
  );
}
