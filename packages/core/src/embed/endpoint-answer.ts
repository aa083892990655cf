import { z } from "zod";
import { TilthError } from "../errors.ts";
import { firstProblem } from "../schema/strict.ts";

/** What an endpoint gave for a list of texts. */
export interface EndpointAnswer {
  /** One row for each text, in the order of the texts. */
  readonly vectors: Float32Array;
  /** 0 where the endpoint does not count. */
  readonly tokens: number;
  /** The model's name in the endpoint's own words. */
  readonly model?: string | undefined;
}

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0).optional(), embedding: z.array(z.number()).min(1) })),
  model: z.string().optional().catch(undefined),
  usage: z
    .object({ total_tokens: z.number().min(0).optional(), prompt_tokens: z.number().min(0).optional() })
    .optional()
    .catch(undefined),
});

export interface ExpectedAnswer {
  /** The address, named in errors. */
  readonly where: string;
  /** How many texts were sent. */
  readonly count: number;
  /** Absent where any length is taken, as long as all have the same. */
  readonly dimensions: number | undefined;
  /** Never quoted in an error. */
  readonly key?: string | undefined;
}

/**
 * Reads the body of an answer: one vector for each text, sorted by `index`, all of one length.
 *
 * @throws {@link TilthError} `embed/bad-answer` with what is wrong.
 */
export function parseAnswer(text: string, { where, count, dimensions: expected, key }: ExpectedAnswer): EndpointAnswer {
  const bad = (problem: string): TilthError => new TilthError("embed/bad-answer", { where, problem });
  const value = parseJson(text);
  if (value === undefined) throw bad(`no JSON, but ${JSON.stringify(reasonIn(text, key).slice(0, 60))}`);
  const { success, data: answer, error } = answerSchema.safeParse(value);
  if (!success) {
    const { path, message } = firstProblem(error);
    throw bad(`${path.length > 0 ? path.map(String).join(".") : "the answer"}: ${message}`);
  }
  if (answer.data.length !== count) throw bad(`${answer.data.length} vectors for ${count} texts`);
  const dimensions = expected ?? answer.data[0]?.embedding.length ?? 0;
  const vectors = new Float32Array(count * dimensions);
  const filled = new Set<number>();
  for (const [position, { index = position, embedding }] of answer.data.entries()) {
    if (index >= count || filled.has(index)) throw bad(`index ${index} is twice there or past the ${count} texts`);
    if (embedding.length !== dimensions) throw bad(`a vector of ${embedding.length} numbers where ${dimensions} were expected`);
    filled.add(index);
    vectors.set(embedding, index * dimensions);
  }
  return { vectors, tokens: answer.usage?.total_tokens ?? answer.usage?.prompt_tokens ?? 0, model: answer.model };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const errorSchema = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });
const MOST_CHARACTERS = 200;

/** What a refusal says about itself, in one short line, without the key should it be quoted there. */
export function reasonIn(text: string, key: string | undefined): string {
  const { data } = errorSchema.safeParse(parseJson(text));
  const said = typeof data?.error === "string" ? data.error : (data?.error.message ?? text);
  const line = (key === undefined ? said : said.replaceAll(key, "***")).replaceAll(/\s+/g, " ").trim();
  const short = line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
  return short === "" ? "it gives no reason" : short.replace(/\.$/, "");
}
