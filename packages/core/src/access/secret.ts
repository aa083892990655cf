import { hash, timingSafeEqual } from "node:crypto";
import type { RandomSource } from "../text/ulid.ts";

/** 256 bits in 43 characters of base64url: nothing that could be guessed, so a plain hash of it is enough to keep. */
export function makeSecret(random: RandomSource): string {
  return Buffer.from(random.bytes(32)).toString("base64url");
}

/** What is stored of a secret. */
export function hashSecret(secret: string): Uint8Array {
  return hash("sha256", secret, "buffer");
}

/** Compares in a time that tells nothing. */
export function isSecret(secret: string, stored: Uint8Array): boolean {
  const own = hashSecret(secret);
  return own.length === stored.length && timingSafeEqual(own, stored);
}
