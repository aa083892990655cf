import { z } from "zod";
import type { Neighbour } from "../insight/freshness-near.ts";

const share = z.number().min(0).max(1);

/** The members of a `FreshnessBasis`, to be extended. */
export const basisShape = {
  dataset: z.exactOptional(z.string()),
  pool: z.string(),
  embedder: z.object({ id: z.string(), version: z.string(), backgroundCosine: z.number() }),
  weights: z.object({ word: share, phrase: share, semantic: share }),
} as const;

export const neighbourSchema: z.ZodType<Neighbour> = z.object({
  id: z.string(),
  similarity: share,
  parts: z.object({ word: share, phrase: share, semantic: share }),
  cosine: z.number(),
  type: z.exactOptional(z.string()),
  text: z.exactOptional(z.string()),
});
