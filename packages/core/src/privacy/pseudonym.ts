import { createHmac } from "node:crypto";

/**
 * Makes stable stand-ins for identifiers that are personal themselves: the same person is the same word within one workspace, and nobody
 * without its key can tell who.
 *
 * @param key - 32 random bytes that never leave the workspace.
 */
export function createPseudonyms(key: Uint8Array): (identifier: string) => string {
  return (identifier) =>
    `person_${createHmac("sha256", key).update(identifier.normalize("NFKC").trim().toLowerCase()).digest("hex").slice(0, 20)}`;
}
