import { trigger } from "./detector.ts";

/**
 * Which necessary conditions a text meets, by native searches only.
 *
 * Costs a fraction of one look at every character: a text without digits and without `@ : = _ / -` is done after three class searches.
 *
 * @param wanted - The bits somebody will ask for; expensive ones are computed only then.
 */
export function triggers(text: string, wanted: number): number {
  let set = 0;
  if ((wanted & trigger.url) !== 0 && text.includes("www.")) set |= trigger.url;
  if (AWS_OR_GOOGLE.test(text) || JWT_HEADER.test(text)) set |= trigger.token;
  if (!MARK.test(text)) return set;
  if (text.includes("@")) set |= trigger.at;
  if (text.includes("://")) set |= (set & trigger.at) === 0 ? trigger.url : trigger.url | trigger.login;
  if (TOKEN_PREFIX.test(text)) set |= trigger.token;
  if (ASSIGNMENT.test(text)) set |= trigger.assign;
  if (text.includes("Users") || text.includes("/home/")) set |= trigger.path;
  if (text.includes("-----BEGIN")) set |= trigger.pem;
  if (COLONS.test(text)) set |= trigger.colons;
  return DIGIT.test(text) ? set | digitTriggers(text) : set;
}

function digitTriggers(text: string): number {
  let set = 0;
  if (SEVEN_DIGITS.test(text)) set |= trigger.digits;
  if (DOTTED.test(text)) set |= trigger.dotted;
  if (COUNTRY.test(text)) set |= trigger.country;
  return set;
}

/** What may stand between the digits of one number. */
export const dashes = "\\-\u2010-\u2013";
export const blanks = " \u00a0";

/** Names whose value is a secret; the detectors of room secrets use narrower lists of the same words. */
const secretNames =
  "passw(?:or)?d|pwd|pass[ _-]?(?:phrase|code)|pin|pin[ _-]?(?:code|number)|key(?:[ _.-]?id)?|token|credentials?|secret|auth|connection[ _-]?string|conn[ _-]?str|dsn";
/** What may stand between the name and its operator: an escaped or plain quote, a bracket, blanks. */
export const beforeOperator = "\\\\{0,2}[\"'`]?\\]?\\s{0,4}";

// V8 searches a plain class with SIMD instructions when the class comes first and everything else looks back or ahead from it,
// and when it has at least two members; a literal before the class, or a pattern that consumes more, is five to ten times slower.
const MARK = /[0-9@:=_/-]/;
const DIGIT = /\d/;
const AWS_OR_GOOGLE = /[AZ](?=[KSB]IA|CCA|Iza)/;
const JWT_HEADER = /[JZ](?<=eyJ)/;
const TOKEN_PREFIX =
  /[_-](?<=(?:gh[pousr]|github_pat|hf|[sr]k_(?:test|live|prod)|npm|dop_v1|shp(?:at|ss|ca|pa)|gsk|sk|xox[abeprs]|glpat)[_-])/;
const ASSIGNMENT = new RegExp(
  `[:=](?:(?<=(?:${secretNames})${beforeOperator}[:=])|(?=\\s{0,4}\\\\?["'\`]?(?:bearer|basic|token)\\s))`,
  "i",
);
const COLONS = /[:=](?<=[0-9A-Fa-f]:)(?=[0-9A-Fa-f]{0,4}:)/;
const SEVEN_DIGITS = new RegExp(`\\d(?=(?:[${blanks}${dashes}.()/]{0,6}\\d){6})`);
const DOTTED = /\d(?=\.\d{1,3}\.\d)/;
const COUNTRY = /\d(?<=[A-Za-z]{2}\d)(?=\d)/;

/** True for the name of a member whose value is a secret: `password`, `apiKey`, `client_secret`. */
export function namesSecret(name: string): boolean {
  return ASSIGNMENT.test(`${name}=`);
}
