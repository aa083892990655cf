const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARACTERS = 16;

/** The clock of a process or of a test. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  nowMs(): number;
}

/** Where randomness comes from: the platform, or a seed in tests. */
export interface RandomSource {
  bytes(count: number): Uint8Array;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemRandom: RandomSource = { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) };

/**
 * Makes a source of ULIDs: 26 characters of Crockford base 32 that sort by time, and by order of making within a millisecond.
 *
 * A clock that runs backwards does not disturb the order: the last time is used until the clock has caught up.
 *
 * @see {@link https://github.com/ulid/spec | ULID}
 */
export function createUlids(clock: Clock, random: RandomSource): () => string {
  let lastMs = -1;
  let digits: number[] = [];
  /** All but the last character: the same for up to 32 ids in a row. */
  let start = "";
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      digits = Array.from(random.bytes(RANDOM_CHARACTERS), (byte) => byte & 31);
      start = "";
    } else if (!increment(digits)) {
      lastMs++;
      start = "";
    } else if (digits.at(-1) === 0) start = "";
    if (start === "")
      start =
        encodeTime(lastMs) +
        digits
          .slice(0, -1)
          .map((digit) => ALPHABET[digit])
          .join("");
    return `${start}${ALPHABET[digits.at(-1) ?? 0]}`;
  };
}

/** True for 26 characters of Crockford base 32 in upper case whose time part fits 48 bits. */
export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}

/** Adds one in base 32; false when all digits overflowed to zero. */
function increment(digits: number[]): boolean {
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = digits[i] ?? 0;
    if (digit < 31) {
      digits[i] = digit + 1;
      return true;
    }
    digits[i] = 0;
  }
  return false;
}

let encodedMs = -1;
let encodedText = "";

function encodeTime(ms: number): string {
  if (ms === encodedMs) return encodedText;
  let text = "";
  let rest = ms;
  for (let i = 0; i < 10; i++) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  encodedMs = ms;
  encodedText = text;
  return text;
}
