import { z } from "zod";
import type { ClusterPage, DuplicateSearch } from "../storage/duplicates.ts";
import { listClusters, listDuplicateSearches } from "../storage/duplicates.ts";
import type { Operation } from "./operation.ts";

/** What is marked as a duplicate of what, and which searches found it. */
export interface DuplicatePage extends ClusterPage {
  /** Those whose marks stand, newest first. */
  readonly searches: readonly DuplicateSearch[];
}

const input = z.strictObject({
  /** Only what one search marked. */
  run: z.optional(z.string().min(1).max(64)),
  limit: z.int().min(1).max(1_000).default(20),
  cursor: z.optional(z.string()),
});

const example = { id: z.string(), kind: z.string(), input: z.string(), output: z.exactOptional(z.string()) } as const;

const output: z.ZodType<DuplicatePage> = z.object({
  clusters: z
    .array(
      z.object({
        kept: z.object(example),
        weight: z.int().min(2),
        duplicates: z
          .array(z.object({ ...example, similarity: z.number(), strategy: z.string(), method: z.string(), runId: z.string() }))
          .readonly(),
      }),
    )
    .readonly(),
  next: z.exactOptional(z.string()),
  searches: z
    .array(
      z.object({
        runId: z.string(),
        strategy: z.string(),
        scope: z.string(),
        method: z.string(),
        threshold: z.number(),
        version: z.string(),
        actor: z.string(),
        marks: z.int().min(0),
        at: z.string(),
      }),
    )
    .readonly(),
});

/** Lists examples with what is marked as repeating them, largest clusters first. */
export const listDuplicates: Operation<"duplicate.list", z.output<typeof input>, DuplicatePage, z.input<typeof input>> = {
  on: "workspace",
  name: "duplicate.list",
  title: "List what is marked as repeating what, largest clusters first",
  http: { method: "GET", path: "/duplicates" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { run, limit, cursor }) {
    const storage = await workspace.storage();
    const page = await listClusters(storage, {
      limit,
      ...(run === undefined ? {} : { runId: run }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { ...page, searches: await listDuplicateSearches(storage) };
  },
};
