import type { Remark } from "../schema/finding.ts";
import { isAscii } from "../text/normalize.ts";
import { textsOf } from "./memo.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Flags texts that were decoded wrongly on their way: U+FFFD, letters of UTF-8 read as another encoding ("Ã©", "â€™"), control
 * characters, and HTML entities where the text is neither markup nor code.
 */
export const encoding: Rule = {
  name: "encoding",
  severity: "warning",
  check(example, { memo }) {
    let remarks: Remark[] | undefined;
    for (const { text, at } of textsOf(example, memo)) {
      const message = problemIn(text, example.domain === "code");
      if (message !== undefined) (remarks ??= []).push({ message, at });
    }
    return remarks ?? nothing;
  },
};

function problemIn(text: string, isCode: boolean): string | undefined {
  if (!isAscii(text)) {
    if (text.includes("\ufffd")) return "the text holds U+FFFD, where a character was lost";
    if (MOJIBAKE.test(text)) return "the text looks decoded with the wrong encoding";
    if (CONTROL.test(text)) return "the text holds control characters";
  } else if (CONTROL_LOW.test(text) || CONTROL_HIGH.test(text)) return "the text holds control characters";
  const isMarkup = isCode || /[<`]/.test(text);
  return !isMarkup && text.includes("&") && ENTITY.test(text) ? "the text holds HTML entities" : undefined;
}

/** Lead bytes of UTF-8 shown in Latin-1, Windows-1252 or Mac Roman, with a byte that follows them there. */
const MOJIBAKE =
  /[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|â€|ðŸ|ï¿½|‚Ä[ôúùìî¶ò]|äó[^a-zà-ÿ]|å[ÊÊ¡£]/;
/** All of C0 but tab and line ends, DEL, and C1 but NEL, which some systems end lines with. */
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f\u0080-\u0084\u0086-\u009f]/;
/** The same below U+0080 in two: V8 searches classes of up to 16 characters many at a time, 0.05 µs for 200 where one class takes 0.13. */
const CONTROL_LOW = /[\x00-\x08\x0b\x0e\x0f\x7f]/;
const CONTROL_HIGH = /[\x10-\x1f]/;
const ENTITY = /&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|copy|reg|euro|#\d{2,7}|#x[0-9a-f]{2,6});/i;
