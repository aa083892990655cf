import { type Detector, trigger } from "./detector.ts";
import { entropy, jwtHeader } from "./validators.ts";

/** Signed tokens: three base64url parts, the first of them a JSON header. */
export const jwt: Detector = {
  type: "JWT",
  need: trigger.token,
  base: 0.7,
  pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{0,2000}/g,
  check: (value) => (jwtHeader(value) ? true : undefined),
};

/** Keys that carry their issuer's sign: OpenAI, Anthropic, AWS, GitHub, GitLab, Google, Hugging Face, Slack, Stripe, npm and others. */
export const issuedKey: Detector = {
  type: "API_KEY",
  need: trigger.token,
  base: 0.9,
  pattern: new RegExp(
    `(?<![A-Za-z0-9])(?:${[
      "sk-[A-Za-z0-9_-]{20,200}",
      "(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
      "AIza[0-9A-Za-z_-]{35}",
      "gh[pousr]_[A-Za-z0-9]{36}",
      "github_pat_\\w{82}",
      "glpat-[\\w-]{20,50}",
      "hf_[A-Za-z0-9]{34}",
      "xox[abeprs]-[A-Za-z0-9-]{10,200}",
      "[sr]k_(?:test|live|prod)_[a-zA-Z0-9]{10,99}",
      "npm_[A-Za-z0-9]{36}",
      "dop_v1_[a-f0-9]{64}",
      "shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}",
      "gsk_[A-Za-z0-9]{40,60}",
    ].join("|")})(?![A-Za-z0-9])`,
    "g",
  ),
  check: (value) => (entropy(value) < 2.5 ? false : undefined),
};

/** PEM and PGP private keys, whole; where the end line is missing, the lines of base64 that follow the first one. */
export const privateKey: Detector = {
  type: "PRIVATE_KEY",
  need: trigger.pem,
  base: 0.95,
  pattern:
    /-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-(?!-{4})){0,8000}-----END[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\[nr]){1,8}[A-Za-z0-9+/=]{16,200}){0,160})/g,
};
