import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { TilthError } from "../errors.ts";

/** What a password's hash costs: whoever tries passwords pays it for each. */
export interface PasswordCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** @see {@link https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html | OWASP}: the least of argon2id, all alike. */
const floors: readonly Pick<PasswordCost, "memoryKiB" | "passes">[] = [
  { memoryKiB: 47_104, passes: 1 },
  { memoryKiB: 19_456, passes: 2 },
  { memoryKiB: 12_288, passes: 3 },
  { memoryKiB: 9_216, passes: 4 },
  { memoryKiB: 7_168, passes: 5 },
];

export const passwordCost: PasswordCost = { memoryKiB: 47_104, passes: 1, parallelism: 1 };

const SHORTEST = 12;
const LONGEST = 1_000;

/**
 * Refuses passwords that are soon guessed. Length is what counts; no rules on signs.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B}
 * @throws {@link TilthError} `auth/weak-password`.
 */
export function checkPassword(password: string, userName: string): void {
  const length = [...password.normalize("NFKC")].length;
  const problem =
    length < SHORTEST
      ? `shorter than ${SHORTEST} characters`
      : length > LONGEST
        ? `longer than ${LONGEST} characters`
        : new Set(password).size < 5
          ? "made of fewer than five different characters"
          : password.toLowerCase().includes(userName.toLowerCase()) && length < userName.length + SHORTEST
            ? "little more than the name of the user"
            : undefined;
  if (problem !== undefined) throw new TilthError("auth/weak-password", { problem });
}

/** A password of 120 random bits for somebody who gave none: five groups of five characters. */
export function makePassword(): string {
  return Array.from(
    randomBytes(25),
    (byte, i) => `${i > 0 && i % 5 === 0 ? "-" : ""}${"abcdefghjkmnpqrstuvwxyz123456789"[byte & 31]}`,
  ).join("");
}

/**
 * Hashes a password with argon2id and a salt of its own, on a thread of the pool.
 *
 * @returns The PHC string, which holds the parameters.
 * @throws {@link TilthError} `input/invalid` for a cost below all of OWASP's floors.
 */
export async function hashPassword(password: string, cost: PasswordCost = passwordCost): Promise<string> {
  if (!floors.some(({ memoryKiB, passes }) => cost.memoryKiB >= memoryKiB && cost.passes >= passes))
    throw new TilthError("input/invalid", { where: "cost of passwords", problem: "it lies below what OWASP asks of argon2id" });
  const salt = randomBytes(16);
  const hash = await derive(password, { ...cost, salt, length: 32 });
  const { memoryKiB, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether a password is the right one, and whether its hash should be made anew at today's cost. */
export interface PasswordMatch {
  readonly isRight: boolean;
  readonly isOutdated: boolean;
}

/** Compares a password with a stored hash, which says at what cost. Takes as long for a hash that is absent: nobody learns which users there are. */
export async function matchPassword(password: string, stored: string | undefined): Promise<PasswordMatch> {
  const { cost, salt, hash } = parse(stored ?? NOBODY);
  const own = await derive(password, { ...cost, salt, length: hash.length });
  const isEqual = own.length === hash.length && timingSafeEqual(own, hash);
  const isOutdated = cost.memoryKiB !== passwordCost.memoryKiB || cost.passes !== passwordCost.passes;
  return { isRight: isEqual && stored !== undefined, isOutdated };
}

const { memoryKiB, passes, parallelism } = passwordCost;
const NOBODY = `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${"A".repeat(22)}$${"A".repeat(43)}`;

interface Derivation extends PasswordCost {
  readonly salt: Uint8Array;
  readonly length: number;
}

const derived = promisify(argon2);

async function derive(password: string, { salt, length, ...cost }: Derivation): Promise<Uint8Array> {
  return derived("argon2id", {
    message: password.normalize("NFKC"),
    nonce: salt,
    tagLength: length,
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.parallelism,
  });
}

function parse(stored: string): { readonly cost: PasswordCost; readonly salt: Uint8Array; readonly hash: Uint8Array } {
  const [, m = "", t = "", p = "", salt = "", hash = ""] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored) ?? [];
  if (hash === "") throw new TilthError("input/invalid", { where: "hash of a password", problem: "it is not of argon2id" });
  return {
    cost: { memoryKiB: Number(m), passes: Number(t), parallelism: Number(p) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
