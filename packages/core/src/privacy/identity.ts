import { type Detector, trigger } from "./detector.ts";
import { blanks, dashes } from "./triggers.ts";
import { countDigits, iban as isIban, issuedCard, luhn, socialSecurity } from "./validators.ts";

/** Words that make a number somebody's stock, not somebody's identity. */
const GOODS =
  /^(?:order|orders|tracking|invoice|isbn|issn|doi|sku|serial|part|ticket|batch|barcode|upc|ean|model|patent|license|licence|product)$/i;

/**
 * Payment cards: proven by their issuer's digits and Luhn, or in card-like groups, or with a word such as `visa` near.
 *
 * A bare number in the path of a URL is a record's id: one id in ten passes Luhn by chance. Four groups of four count without a proof, since people mistype and mask; after a word such as `order` they do not.
 */
export const creditCard: Detector = {
  type: "CREDIT_CARD",
  need: trigger.digits,
  base: 0.25,
  pattern: new RegExp(
    `(?<![A-Za-z\\d${dashes}]|\\d\\.)(?:\\d{4}([${blanks}${dashes}])\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{1,3})?|\\d{4}([${blanks}${dashes}])\\d{6}\\2\\d{4,5}|(?<!:\\/\\/\\S{1,300}\\/)\\d{12,19})(?![A-Za-z\\d]|[${dashes}.]\\d| ?=)`,
    "g",
  ),
  check(value) {
    const digits = value.replaceAll(/\D/g, "");
    if (NO_CARD.test(value) || isRow(value)) return false;
    return issuedCard(digits) && luhn(digits) ? true : undefined;
  },
  bonus: (value) => (/^\d{4}\D\d{4}\D\d{4}\D\d{4}$/.test(value) ? 0.2 : 0),
  words: /^(?:card|cards|credit|debit|visa|amex|mastercard|maestro|cc)$/i,
  against: GOODS,
};

/** Binary words, a row of years, a sum of round figures. */
const NO_CARD = /^[01\s]+$|^(?:(?:1[89]|20)\d\d\D?){4}$|^(?:\d\d00\D?){3,}/;

/** Four numbers with the same step between them, as in a table. */
function isRow(value: string): boolean {
  const [first = 0, second = 0, ...rest] = value.split(/\D/).map(Number);
  if (rest.length < 2) return false;
  return rest.every((number, at) => number === second + (second - first) * (at + 1));
}

/** United States social security and taxpayer numbers; nine bare digits only with a word such as `SSN` near. */
export const socialSecurityNumber: Detector = {
  type: "SSN",
  need: trigger.digits,
  base: 0.1,
  pattern: new RegExp(
    `(?<![\\d${dashes}]|\\d\\.)(?:\\d{3}([${blanks}${dashes}])\\d{2}\\1\\d{4}|(?<![A-Za-z])\\d{9})(?![A-Za-z\\d]|[${dashes}.]\\d)`,
    "g",
  ),
  check: (value) => (socialSecurity(value) ? undefined : false),
  bonus: (value) => (countDigits(value) === value.length ? 0 : value.includes(" ") ? 0.3 : 0.4),
  words: /^(?:ssn|ssns|social|security|taxpayer|itin)$/i,
  against: GOODS,
};

/**
 * Lengths of international bank account numbers by country.
 *
 * @see {@link https://www.swift.com/standards/data-standards/iban-international-bank-account-number | SWIFT, IBAN registry}
 */
const IBAN_LENGTHS: Readonly<Record<number, string>> = {
  15: "NO",
  16: "BE",
  18: "DK|FI|FO|GL|NL|SD|FK",
  19: "MK|SI",
  20: "AT|BA|EE|KZ|LT|LU|XK|MN",
  21: "CH|HR|LI|LV",
  22: "BG|BH|CR|DE|GB|GE|IE|ME|RS|VA",
  23: "AE|GI|IL|IQ|TL|OM|SO",
  24: "AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG",
  25: "LY|PT|ST",
  26: "IS|TR",
  27: "BI|DJ|FR|GR|IT|MC|MR|SM",
  28: "AL|AZ|BY|CY|DO|GT|HN|HU|LB|NI|PL|SV",
  29: "BR|EG|PS|QA|UA",
  30: "JO|KW|MU|YE",
  31: "MT|SC",
  32: "LC",
  33: "RU",
};

/** International bank account numbers at their country's length, in any grouping, proven by their remainder. */
export const iban: Detector = {
  type: "IBAN",
  need: trigger.country,
  base: 0.4,
  pattern: new RegExp(
    `\\b(?:${Object.entries(IBAN_LENGTHS)
      .map(([length, countries]) => `(?:${countries})\\d{2}(?:[${blanks}${dashes}]?[A-Z0-9]){${Number(length) - 4}}`)
      .join("|")})(?![A-Z0-9])`,
    "gi",
  ),
  check: isIban,
};
