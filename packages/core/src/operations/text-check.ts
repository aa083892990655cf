import { z } from "zod";
import { TilthError } from "../errors.ts";
import { fileSource } from "../files/source.ts";
import type { CheckedBatch, CheckedText, TextFreshness } from "../insight/freshness-texts.ts";
import { batchCheck, freshnessOf, readTexts } from "../insight/freshness-texts.ts";
import { thresholdSchema } from "../insight/freshness-thresholds.ts";
import { basisShape, neighbourSchema } from "./freshness-shapes.ts";
import type { Operation, OperationContext } from "./operation.ts";

const input = z.strictObject({
  /** One text, of which more is told: its nearest example also where it is fresh, and its percentile. */
  text: z.optional(z.string()),
  /** Many texts. */
  texts: z.optional(z.array(z.string()).max(1_000_000)),
  /** A file on this machine with a text a line; a body is one as well. */
  file: z.optional(z.string().min(1)),
  /** Only examples of this type are compared with. */
  type: z.optional(z.string().min(1)),
  /** A freshness, or the share of the pool's own samples that shall lie below it; absent = the type's. */
  threshold: z.optional(thresholdSchema),
  /** A dataset's name or id: only its members are compared with. */
  dataset: z.optional(z.string().min(1)),
});
type Input = z.output<typeof input>;

/** The freshness of one text or of many, never of both. */
export interface CheckedTexts {
  readonly one?: TextFreshness;
  readonly many?: CheckedBatch;
}

const count = z.int().min(0);
const share = z.number().min(0).max(1);

const one: z.ZodType<TextFreshness> = z.object({
  ...basisShape,
  text: z.string(),
  type: z.exactOptional(z.string()),
  score: share,
  isFresh: z.boolean(),
  threshold: share,
  percentile: share,
  samples: count,
  nearest: z.exactOptional(neighbourSchema),
  exact: z.literal(true),
});

const checkedText: z.ZodType<CheckedText> = z.object({
  text: z.string(),
  score: z.exactOptional(share),
  isFresh: z.exactOptional(z.boolean()),
  witness: z.exactOptional(neighbourSchema),
});

const many: z.ZodType<CheckedBatch> = z.object({
  ...basisShape,
  type: z.exactOptional(z.string()),
  threshold: share,
  samples: count,
  fresh: count,
  below: count,
  withoutWords: count,
  texts: z.array(checkedText).readonly(),
});

/** Says how fresh texts are beside the examples there are. */
export const checkTexts: Operation<"text.check", Input, CheckedTexts, z.input<typeof input>> = {
  on: "workspace",
  name: "text.check",
  title: "Check how fresh texts are beside the examples",
  http: { method: "POST", path: "/freshness/texts", places: { file: "withheld" } },
  scope: "training_data:read",
  runs: "aside",
  input,
  output: z.object({ one: z.exactOptional(one), many: z.exactOptional(many) }),
  body: "json",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, given, context) {
    const { text, type, threshold, dataset } = given;
    const options = { type, threshold, dataset };
    if (text === undefined) return { many: await batchCheck(workspace, await textsOf(given, context), options, context) };
    const found = await freshnessOf(workspace, text, options, context);
    if (found === undefined) throw new TilthError("freshness/empty-text", {});
    return { one: found };
  },
};

async function textsOf({ texts, file }: Input, { body }: OperationContext): Promise<readonly string[]> {
  if (texts !== undefined) return texts;
  const source = file === undefined ? body : await fileSource(file);
  if (source === undefined) throw new TilthError("input/invalid", { where: "text", problem: "there is none to check" });
  return readTexts(source);
}
