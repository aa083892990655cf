import { comparisonTextOfRow } from "../similarity/comparison-text.ts";
import { findRow } from "../storage/examples.ts";
import { type FreshnessBasis, type Neighbour, basisOf, neighbourOf } from "./freshness-near.ts";
import { createVersions, textStarts } from "./freshness-rows.ts";
import { checkType } from "./freshness-thresholds.ts";
import { type FreshnessContext, type FreshnessWorkspace, openFreshness } from "./freshness.ts";

export interface SimilarOptions {
  /** The start of an id is enough. */
  readonly id: string;
  /** A dataset's name or id: only its members. @defaultValue the whole pool */
  readonly dataset?: string | undefined;
  /** Only examples of this type. @defaultValue all */
  readonly type?: string | undefined;
  /** @defaultValue 10 */
  readonly limit?: number | undefined;
}

export interface SimilarExamples extends FreshnessBasis {
  readonly id: string;
  readonly type?: string;
  /** Its first 200 characters. */
  readonly text: string;
  /** Nearest first, equal ones by id; none for an example without words. */
  readonly neighbours: readonly Neighbour[];
}

/**
 * Finds the active examples that are most like one; itself and its other versions are left out.
 *
 * @throws {@link TilthError} `example/not-found`, `example/ambiguous`, `dataset/not-found`, `input/invalid` for an unknown type.
 */
export async function similarExamples(
  workspace: FreshnessWorkspace,
  { id: wanted, dataset, type, limit = 10 }: SimilarOptions,
  context: FreshnessContext = {},
): Promise<SimilarExamples> {
  const storage = await workspace.storage();
  const row = await storage.read(({ queries }) => findRow(queries, wanted));
  if (type !== undefined) await checkType(storage, workspace.packs.pack, type);
  const pool = await openFreshness(workspace, { dataset }, context);
  const example = { id: row.id, groupKey: row.group_key };
  const exclude = (await createVersions(storage).of([example]))(example);
  const found = await pool.index.maxSimilarity(comparisonTextOfRow(row), { type, exclude, k: limit });
  const nearest = (found?.nearest ?? []).filter(({ score }) => score > 0);
  const starts = await textStarts(storage, [row.id, ...nearest.map(({ id }) => id)]);
  return {
    ...basisOf(pool),
    id: row.id,
    ...(row.type === null ? {} : { type: row.type }),
    text: starts.get(row.id)?.text ?? "",
    neighbours: nearest.map((near) => neighbourOf(near, starts.get(near.id))),
  };
}
