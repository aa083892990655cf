/** True for 12 to 19 digits (anything else in the text is skipped) whose Luhn sum ends in 0. */
export function luhn(text: string): boolean {
  let sum = 0;
  let count = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) continue;
    const doubled = count % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
    count++;
  }
  return count >= 12 && count <= 19 && sum % 10 === 0;
}

/**
 * True for a number that an issuer of payment cards could have given out: known first digits at a length that goes with them.
 *
 * @see {@link https://en.wikipedia.org/wiki/Payment_card_number | Issuer identification numbers}
 */
export function issuedCard(digits: string): boolean {
  return ISSUERS.test(digits);
}

const ISSUERS = new RegExp(
  [
    "^4\\d{12}(?:\\d{3}){0,2}$",
    "^(?:5[1-5]|2[2-7])\\d{14}$",
    "^3[47]\\d{13}$",
    "^3(?:0|6|8|9)\\d{12}(?:\\d{2})?$",
    "^35\\d{14,17}$",
    "^(?:1800|2131)\\d{11}$",
    "^(?:5[06-9]|6)\\d{10,17}$",
  ].join("|"),
);

/** True when the ISO 7064 remainder of an IBAN is right; blanks and dashes are skipped, letters in either case. */
export function iban(text: string): boolean {
  const plain = text.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const char of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/**
 * True for nine digits that can be a United States social security or taxpayer number.
 *
 * Sequences such as 123-45-6789 pass: people write them as examples, and a redactor that leaves them looks broken.
 *
 * @see {@link https://www.ssa.gov/employer/randomization.html | Social Security number randomization}: area 000 and 666, group 00, serial 0000.
 */
export function socialSecurity(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  const area = digits.slice(0, 3);
  const group = digits.slice(3, 5);
  if (area === "000" || area === "666" || group === "00" || digits.endsWith("0000") || /^(\d)\1+$/.test(digits)) return false;
  return !area.startsWith("9") || /^(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])$/.test(group);
}

/** True when the first part of a token is base64url of a JSON object that names its algorithm. */
export function jwtHeader(token: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf(".")), "base64url").toString("utf8"));
    return typeof header === "object" && header !== null && "alg" in header;
  } catch {
    // Not JSON: then it is no JWT header, which is the answer.
    return false;
  }
}

/** Shannon entropy in bits for each UTF-16 unit, 0 for the empty text. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** How many ASCII digits a text has. */
export function countDigits(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 47 && code < 58) count++;
  }
  return count;
}
