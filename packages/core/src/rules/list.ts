import { emptyText } from "./empty-text.ts";
import { missingLabel } from "./missing-label.ts";
import { preferenceIncomplete } from "./preference-incomplete.ts";
import type { Rule } from "./rule.ts";
import { spanInvalid } from "./span-invalid.ts";
import { tooLong } from "./too-long.ts";

/** Every rule on one example, in the order in which findings are listed. */
export const rules: readonly Rule[] = [emptyText, missingLabel, spanInvalid, tooLong, preferenceIncomplete];
