import type { Example, NewExample } from "../schema/example.ts";
import type { Remark, Severity } from "../schema/finding.ts";
import type { JsonObject } from "../schema/json.ts";

/** What a rule may look at beside the example. */
export interface RuleContext {
  /** The packs' thresholds of this rule. */
  readonly thresholds: JsonObject;
  /** The dataset's label set where it has one; absent = every label is welcome. */
  readonly labels?: ReadonlySet<string>;
  /** Personal data that redaction found, by type. */
  readonly redacted?: Readonly<Record<string, number>>;
}

/** One example gets findings. A plain object; its line in `list.ts` is all that registers it. */
export interface Rule {
  /** Equal to the file's name, the findings' `rule` and the key in a pack. */
  readonly name: string;
  readonly severity: Severity;
  /** True where an example with such a finding is refused at the door instead of stored with it. */
  readonly rejects?: boolean;
  check(example: NewExample | Example, context: RuleContext): readonly Remark[];
}
