/**
 * One way to recognise one type of personal data or secret: a bounded pattern and what speaks for or against its matches.
 *
 * Scores are 0 to 1. A match starts at `base` (+ `bonus`), a word of `words` near it adds 0.35, one of `against` takes 0.35 away;
 * a passed check digit makes it 1 whatever stands around it.
 */
export interface Detector {
  /** The word of the placeholder: `EMAIL` becomes `[REDACTED_EMAIL]`. */
  readonly type: string;
  /** Bits of `trigger`, one of which must be set for the pattern to be able to match; 0 = the pattern is always tried. */
  readonly need: number;
  readonly base: number;
  /** Global; every quantifier bounded, so that the work for one start position is bounded too. */
  readonly pattern: RegExp;
  /** The value is the first group from this one on that took part, and the last such text in the match. @defaultValue the whole match */
  readonly group?: number;
  /** A group that a look-behind took in front of the match and that belongs to the value. */
  readonly lead?: number;
  /** `true`: proven by a check digit; `false`: no such value, dropped; `undefined`: the score decides. */
  readonly check?: (value: string) => boolean | undefined;
  readonly bonus?: (value: string) => number;
  /** Whole words, up to five before and after the value. */
  readonly words?: RegExp;
  /** Whole words before the value; the nearest word of both kinds decides. */
  readonly against?: RegExp;
}

/** Where something was found; `start` inclusive, `end` exclusive, in code points, sorted, never overlapping. */
export interface PiiSpan {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** 0 to 1. */
  readonly score: number;
  /** True when a check digit or a decoded header proved it. */
  readonly validated: boolean;
}

/** Bits that say which cheap necessary conditions a text meets. */
export const trigger = {
  /** `@`. */
  at: 1,
  /** `://` and `@`. */
  login: 2,
  /** `://` or `www.`. */
  url: 4,
  /** The fixed beginning of an issuer's token, or of a JWT. */
  token: 8,
  /** The name of a secret and then `:` or `=`. */
  assign: 16,
  /** A folder of home directories. */
  path: 32,
  /** Seven digits with little between them. */
  digits: 64,
  /** A digit, a dot, one to three digits, a dot, a digit. */
  dotted: 128,
  /** Two letters, two digits. */
  country: 256,
  /** Two colons with at most four hexadecimal digits between them. */
  colons: 512,
  /** `-----BEGIN`. */
  pem: 1024,
} as const;
