import { calculation } from "./calculation.ts";
import { codeInvalid } from "./code-invalid.ts";
import { confidenceRange } from "./confidence-range.ts";
import { emptyText } from "./empty-text.ts";
import { encoding } from "./encoding.ts";
import { excludedSource } from "./excluded-source.ts";
import { jsonInvalid } from "./json-invalid.ts";
import { loneSurrogate } from "./lone-surrogate.ts";
import { lowRelevance } from "./low-relevance.ts";
import { missingLabel } from "./missing-label.ts";
import { preferenceClose } from "./preference-close.ts";
import { preferenceEqual } from "./preference-equal.ts";
import { preferenceIncomplete } from "./preference-incomplete.ts";
import { promptEcho } from "./prompt-echo.ts";
import { readability } from "./readability.ts";
import { refusal } from "./refusal.ts";
import { repetition } from "./repetition.ts";
import { roleOrder } from "./role-order.ts";
import type { Rule } from "./rule.ts";
import { spanInvalid } from "./span-invalid.ts";
import { spanOverlap } from "./span-overlap.ts";
import { spanWhitespace } from "./span-whitespace.ts";
import { tooLong } from "./too-long.ts";
import { tooShort } from "./too-short.ts";
import { toolArguments } from "./tool-arguments.ts";
import { truncated } from "./truncated.ts";
import { vaguePrompt } from "./vague-prompt.ts";

/** Every rule on one example, in the order in which findings are listed. */
export const rules: readonly Rule[] = [
  emptyText,
  missingLabel,
  spanInvalid,
  spanOverlap,
  spanWhitespace,
  tooLong,
  tooShort,
  preferenceIncomplete,
  preferenceEqual,
  preferenceClose,
  repetition,
  truncated,
  confidenceRange,
  roleOrder,
  toolArguments,
  loneSurrogate,
  promptEcho,
  refusal,
  readability,
  vaguePrompt,
  encoding,
  jsonInvalid,
  codeInvalid,
  calculation,
  lowRelevance,
  excludedSource,
];
