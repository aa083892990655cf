import { z } from "zod";

/** `error` prevents training, `warning` may hurt quality, `info` is only worth knowing. Ordered from mild to grave. */
export const severities = ["info", "warning", "error"] as const;
export type Severity = (typeof severities)[number];

/** What a rule says about one place of an example; the runner makes a {@link Finding} of it. */
export interface Remark {
  /** One sentence that names the place and the measure, never the text itself. */
  readonly message: string;
  /** JSON pointer into the example. */
  readonly at: string;
  /** Code points, end exclusive. */
  readonly start?: number;
  readonly end?: number;
  /** Absent = the rule's own severity. */
  readonly severity?: Severity;
  readonly suggestion?: string;
}

/** Flawed data as a value: counted, stored and listed, never thrown. */
export interface Finding extends Remark {
  readonly rule: string;
  readonly severity: Severity;
}

export const findingSchema: z.ZodType<Finding> = z.strictObject({
  rule: z.string(),
  severity: z.enum(severities),
  message: z.string(),
  at: z.string(),
  start: z.exactOptional(z.int().min(0)),
  end: z.exactOptional(z.int().min(0)),
  suggestion: z.exactOptional(z.string()),
});
