import { writeFile } from "node:fs/promises";
import { canonicalJson } from "../text/canonical.ts";
import { sha256Hex } from "../text/hash.ts";

/** What a kind of object store can do; callers ask for the property, never for its name. */
export interface ObjectsCapabilities {
  /** False where two writers may not commit at once. */
  readonly putIfAbsent: boolean;
  /** True where a deleted object can come back. */
  readonly versioned: boolean;
}

export interface ObjectEntry {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds UTC. */
  readonly modified: number;
}

/**
 * Immutable bytes under names: data under the hash of its bytes, and short entries that are put once and never changed.
 *
 * Keys are names of `A-Z a-z 0-9 . _ -` joined by `/`. Every kind of store passes `contract.ts`.
 */
export interface Objects {
  readonly capabilities: ObjectsCapabilities;
  /**
   * All bytes of an object, or those from `start` up to but not including `end`.
   *
   * @throws TilthError `storage/object-missing`
   */
  get(key: string, range?: readonly [start: number, end: number]): Promise<Uint8Array>;
  /**
   * The path of a file with the object's bytes, for readers that open files. Nobody writes to it.
   *
   * @throws TilthError `storage/object-missing`
   */
  local(key: string): Promise<string>;
  /**
   * Takes a finished file from {@link Objects.temporary} as the object `key` under `objects/`; the file is gone afterwards. Putting the
   * same object again is harmless. It is durable as soon as a later {@link Objects.putIfAbsent} has answered.
   *
   * @throws TilthError `storage/write-failed`
   */
  put(key: string, file: string, sha256: string): Promise<void>;
  /**
   * Takes over an object that somebody put earlier, perhaps without living to see it durable; from here on it is as if put now.
   *
   * @returns How many bytes it has; nothing where there is none.
   */
  adopt(key: string): Promise<number | undefined>;
  /**
   * Puts a short entry under a name that nothing has yet. Resolves when it and everything put before it is durable; false where the name
   * is taken. Of any number of writers exactly one is told true.
   *
   * @throws TilthError `storage/write-failed`
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** The entries whose keys begin with `prefix`, in byte order of their keys. */
  list(prefix: string, limit?: number): AsyncIterable<ObjectEntry>;
  /** Takes an object away; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /** A path for a file that is still being written; what a crash leaves there is removed later. */
  temporary(): string;
}

/** The key of a data object: its name is the SHA-256 of its bytes. */
export function objectKey(sha256: string, extension: "parquet" | "json"): string {
  return `objects/${sha256.slice(0, 2)}/${sha256}.${extension}`;
}

/**
 * Stores a value as canonical JSON under its own hash.
 *
 * @param known - Hashes of objects that are there for sure: such a one is not written again.
 * @returns The SHA-256 of its bytes.
 * @throws TilthError `storage/write-failed`
 */
export async function putJson(objects: Objects, value: unknown, known?: ReadonlySet<string>): Promise<string> {
  const text = canonicalJson(value);
  const sha256 = sha256Hex(text);
  if (known?.has(sha256)) return sha256;
  const file = objects.temporary();
  await writeFile(file, text);
  await objects.put(objectKey(sha256, "json"), file, sha256);
  return sha256;
}
