import type { Example, NewExample } from "../schema/example.ts";
import type { Remark, Severity } from "../schema/finding.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Memo } from "./memo.ts";

/** The labels a dataset declares, by what they label; absent = every label is welcome. */
export interface LabelSets {
  readonly intent?: ReadonlySet<string>;
  readonly sentiment?: ReadonlySet<string>;
  readonly persona?: ReadonlySet<string>;
  readonly categories?: ReadonlySet<string>;
  readonly entities?: ReadonlySet<string>;
}

/** What a rule may look at beside the example. */
export interface RuleContext {
  /** The rule's defaults, the packs' filters over them, and over both the packs' thresholds of this rule. */
  readonly thresholds: JsonObject;
  readonly labels?: LabelSets;
  /** How many different terms of the packs' subject a text holds; absent where no pack has a subject. */
  readonly countTerms?: (text: string) => number;
  /** Personal data that redaction found, by type. */
  readonly redacted?: Readonly<Record<string, number>>;
  /** What rules share of this example; absent where a rule is asked by itself. */
  readonly memo?: Memo;
}

/** One example gets findings. A plain object; its line in `list.ts` is all that registers it. */
export interface Rule {
  /** Equal to the file's name, the findings' `rule` and the key in a pack. */
  readonly name: string;
  readonly severity: Severity;
  /** True where an example with such a finding is refused at the door instead of stored with it. */
  readonly rejects?: boolean;
  /** Every threshold the rule reads, as it is where the packs say nothing; `null` = then this part of the rule is silent. */
  readonly defaults?: JsonObject;
  check(example: NewExample | Example, context: RuleContext): readonly Remark[];
}

/** No remarks: shared, since most rules find nothing in most examples. */
export const nothing: readonly Remark[] = [];
