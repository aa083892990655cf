import { type Detector, trigger } from "./detector.ts";
import { blanks, dashes } from "./triggers.ts";
import { countDigits } from "./validators.ts";

/** Addresses in the common form, also with accented letters; not `git@host:repository` and not file names such as `icon@2x.png`. */
export const email: Detector = {
  type: "EMAIL",
  need: trigger.at,
  base: 0.9,
  // From the sign back to the name; the class has a second member (never met: look at the look-behind) since V8 finds two signs faster than one.
  pattern: /[@\0](?<=([A-Za-z0-9._%+\u00c0-\u024f-]{1,64})@)(?:[A-Za-z0-9\u00c0-\u024f-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])/g,
  lead: 1,
  check: (value) => (/^git@|\.(?:png|jpe?g|gif|svg|webp|avif|css|js|ts|json)$/i.test(value) ? false : undefined),
};

/** Web addresses. They are content, so no policy redacts them unless it says so; numbers inside them are left alone. */
export const url: Detector = {
  type: "URL",
  need: trigger.url,
  base: 0.6,
  pattern: /\b(?:https?:\/\/|www\.)[^\s<>"'`()]{2,2000}[^\s<>"'`().,;:!?\]}]/g,
};

/**
 * Telephone numbers of any country in the ways people write them: groups, parentheses, a leading plus, an extension.
 *
 * Groups must be divided by a sign or a parenthesis: with an empty divider a run of digits could be cut in exponentially many ways.
 */
export const phone: Detector = {
  type: "PHONE",
  need: trigger.digits,
  base: 0.3,
  pattern: new RegExp(
    `(?<![A-Za-z\\d@$€£/]|\\d[.=]|(?<!\\d)0,|\\d:\\d\\d:|<<|[A-Za-z\\d][${dashes}]|(?<![A-Za-z])#)(?:\\+ ?|00)?(?:\\(\\d{1,4}\\)|\\d{1,15}(?!\\d))` +
      `(?:(?:[${blanks}${dashes}./]{1,2}|(?<=\\))|(?=\\())(?:\\(\\d{1,4}\\)|\\d{1,15}(?!\\d))){0,6}` +
      `(?: ?(?:x|ext\\.?) ?\\d{1,5})?(?![A-Za-z\\d@]| ?[=*×÷] ?[$€£\\d])`,
    "g",
  ),
  check(value) {
    const count = countDigits(withoutExtension(value));
    return count < 7 || count > 15 || DATE.test(value) || NO_NUMBER.test(value) ? false : undefined;
  },
  bonus(value) {
    let bonus = /\d[ .-]\d{2,4}[ .-]\d{2,4}/.test(value) ? 0.05 : 0;
    if (/^\+|^00[1-9][\d ]{0,3}[ .-]/.test(value)) bonus += 0.4;
    if (/^\(\d{2,4}\)/.test(value)) bonus += 0.2;
    if (NORTH_AMERICAN.test(value)) bonus += 0.2;
    if (/^0[1-9]/.test(value) && countDigits(value) >= 9) bonus += 0.15;
    return bonus;
  },
  words:
    /^(?:phone|phones|tel|telephone|call|called|calls|mobile|cell|fax|desk|office|number|contact|reach|text|sms|whatsapp|dial|answering|ring|messages|voicemail)$/i,
  against:
    /^(?:order|orders|tracking|invoice|isbn|issn|doi|sku|serial|part|ticket|version|batch|barcode|upc|ean|model|patent|case|po|ref|reference|account|parcel|policy|claim|uuid|id)$/i,
};

const withoutExtension = (value: string): string => value.replace(/ ?(?:x|ext\.?) ?\d{1,5}$/, "");
const DATE = /^\d{4}[-./]\d{1,2}[-./]\d{1,2}(?!\d)|^\d{1,2}[-./]\d{1,2}[-./]\d{4}$/;
/** Digits of an alphabet, binary words, decimals, sums, ranges and quotients, and what follows a plus sign in a sum. */
const NO_NUMBER =
  /^0?123456789$|^0987654321$|^[01\s]+$|^[1-9]\d*\/\d+$|^\d+\.\d+$|^[1-9]\d{4,}[-\u2013]\d{1,4}$|^\d+00[-\u2013]\d+00$|^\+ (?:\d{1,3}(?: \d{3})+|\d{5,})$/;
const NORTH_AMERICAN = new RegExp(`^\\d{3}[${blanks}${dashes}.]\\d{3}[${blanks}${dashes}.]\\d{4}(?!\\d)`);
