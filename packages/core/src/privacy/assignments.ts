import { type Detector, trigger } from "./detector.ts";
import { isCode, isKeyLike, isPlaceholder, isProse, isRandom } from "./secret-values.ts";
import { beforeOperator } from "./triggers.ts";

// Stands before the detectors, which are made from it when the module loads.
/** A dot that ends a sentence is not part of the value, one inside it or in an ellipsis is. */
const DOT = "\\.(?=[^\\s\"']|\\.)|(?<=\\.)\\.";

/** The password in `scheme://user:password@host`. */
export const addressPassword: Detector = {
  type: "PASSWORD",
  need: trigger.login,
  base: 0.95,
  pattern: /\b[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s:/@"'<>]{0,64}:([^\s/@"'<>]{1,128})@/g,
  group: 1,
  check: (value) => (isPlaceholder(value) ? false : undefined),
};

/** `password: value`, `"pwd" => "value"` and the like. */
export const password: Detector = assignment("PASSWORD", "passw(?:or)?d|pwd|pass[ _-]?(?:phrase|code)", {
  value: "[^\\s\"',;]",
  check: (value) => (isPlaceholder(value) || isCode(value) || isProse(value) ? false : undefined),
});

/** `pin: 4711`: digits only, since the word has other meanings. */
export const pin: Detector = assignment("PASSWORD", "(?<![A-Za-z])pin(?:[ _-]?(?:code|number))?", {
  value: "[^\\s\"',;]",
  check: (value) => (/^\d{4,12}$/.test(value) ? undefined : false),
});

/** `api_key: value` and other names that say outright that the value is a key. */
export const namedKey: Detector = assignment(
  "API_KEY",
  "(?:api|access|account|auth|secret|private|client|service|signing|encryption|master|deploy|webhook|app|ssh)[ _.-]?key(?:[ _.-]?id)?" +
    "|(?:access|api|auth|bearer|bot|csrf|id|oauth|refresh|secret|security|session)[ _.-]?token",
  { check: (value) => (isKeyLike(value) ? undefined : false) },
);

/** `key: value`, `token=value`: the name is generic, so the value must look drawn by lot. */
export const genericKey: Detector = assignment("API_KEY", "key(?:[ _.-]?id)?|token|credentials?", {
  check: (value) => (isRandom(value) ? undefined : false),
});

/** `Authorization: Bearer value`. */
export const bearer: Detector = {
  type: "API_KEY",
  need: trigger.assign,
  base: 0.7,
  pattern: /[:=]\s{0,4}\\?["'`]?(?:bearer|basic|token)\s{1,4}([A-Za-z0-9._~+/=-]{12,2000})/gi,
  group: 1,
  check: (value) => (/\d/.test(value) && !isPlaceholder(value) ? undefined : false),
};

/** `client_secret: value` and other names that say outright that the value is a secret. */
export const namedSecret: Detector = assignment("SECRET", "(?:app|client|consumer|cookie|jwt|session|shared|webhook)[ _.-]?secret", {
  check: (value) => (isKeyLike(value) ? undefined : false),
});

/** `secret: value`, `auth=value`, connection strings: the value must look drawn by lot. */
export const genericSecret: Detector = assignment("SECRET", "secret|(?<![A-Za-z])auth|connection[ _-]?string|conn[ _-]?str|dsn", {
  check: (value) => (isRandom(value) ? undefined : false),
});

function assignment(
  type: string,
  names: string,
  options: { readonly value?: string; readonly check: NonNullable<Detector["check"]> },
): Detector {
  const char = (options.value ?? "[^\\s\"'`,;&<>(){}[\\]|]").replace("[^", "[^.");
  return {
    type,
    need: trigger.assign,
    // Above the score of a web address: a key in a query is redacted, the rest of the address is content.
    base: 0.65,
    pattern: new RegExp(
      // From the operator back to the name: the search for a class of two signs is many times faster than the one for a name.
      `[:=](?<=(?:${names})${beforeOperator}[:=])(?:(?<=:)=|(?<==)>|(?![=>:]))\\s{0,4}` +
        `(?:\\\\?"([^"\\\\\\n]{3,200})\\\\?"|'([^'\\n]{3,200})'|\\\\?["'\`]?((?:${char}|${DOT}){4,200}))`,
      "gi",
    ),
    group: 1,
    check: options.check,
  };
}
