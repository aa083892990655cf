import { sql } from "kysely";
import { versionColumns } from "../schema/column.ts";
import { parseFilter } from "../schema/filter.ts";
import type { Recipe } from "../schema/manifest.ts";
import { filterExpression } from "../storage/queries.ts";
import type { ColumnValue, Snapshot } from "../storage/storage.ts";
import { toHex } from "../text/hash.ts";
import type { Cell, Row } from "./cells.ts";

/** Which rows of the pool, as one snapshot holds it. */
export interface PoolSource {
  readonly snapshot: Snapshot;
  /** Id of the dataset whose members a recipe from `members` takes. */
  readonly dataset: string;
  readonly recipe: Recipe;
  /** What relative ages in the recipe count from. */
  readonly nowMs: number;
}

const plainColumns = versionColumns.filter((column) => column.name !== "subjects");

/**
 * Streams the active rows a recipe takes, in key order, in the columns of a version.
 *
 * @throws TilthError `filter/…` for a recipe that cannot be read.
 */
export async function* poolRows(source: PoolSource, signal?: AbortSignal): AsyncIterable<readonly Row[]> {
  const selected = chosenRows(source)
    .leftJoin("subject", "subject.n", "example.n")
    .select(plainColumns.map((column) => sql<ColumnValue>`${sql.ref(`example.${column.name}`)}`.as(column.name)))
    .select("subject.subject as subjects")
    .orderBy("example.id");
  yield* foldSubjects(source.snapshot.scan(selected, signal === undefined ? {} : { signal }));
}

/** At most how many rows {@link poolRows} gives, counted without looking at them. */
export async function countRows({ snapshot, dataset, recipe }: PoolSource): Promise<number> {
  const { queries } = snapshot;
  const counted =
    recipe.from === "members"
      ? queries
          .selectFrom("member")
          .where("member.dataset_id", "=", dataset)
          .select(({ fn }) => fn.countAll<number>().as("rows"))
      : queries.selectFrom("example").select(({ fn }) => fn.countAll<number>().as("rows"));
  return Number((await counted.executeTakeFirstOrThrow()).rows);
}

function chosenRows({ snapshot, dataset, recipe, nowMs }: PoolSource) {
  const where = recipe.where === undefined ? undefined : parseFilter(recipe.where, { nowMs });
  let query = snapshot.queries.selectFrom("example").where("example.lifecycle", "=", "active");
  if (recipe.from === "members") {
    query = query.where((builder) =>
      builder.exists(
        builder.selectFrom("member").select("member.n").where("member.dataset_id", "=", dataset).whereRef("member.n", "=", "example.n"),
      ),
    );
  }
  return where === undefined ? query : query.where((builder) => filterExpression(builder, where));
}

/** A row about several people comes once for each: they become one row with a list. */
async function* foldSubjects(batches: AsyncIterable<readonly (readonly ColumnValue[])[]>): AsyncIterable<readonly Row[]> {
  const last = plainColumns.length;
  let held: { readonly row: readonly ColumnValue[]; readonly subjects: readonly string[] } | undefined;
  for await (const batch of batches) {
    const rows: Row[] = [];
    for (const row of batch) {
      const subject = row[last];
      if (subject instanceof Uint8Array && held !== undefined && held.row[0] === row[0]) {
        held = { row: held.row, subjects: [...held.subjects, toHex(subject)] };
        continue;
      }
      if (held !== undefined) rows.push(finished(held));
      held = undefined;
      if (subject instanceof Uint8Array) held = { row, subjects: [toHex(subject)] };
      else rows.push(row);
    }
    yield rows;
  }
  if (held !== undefined) yield [finished(held)];
}

function finished({ row, subjects }: { readonly row: readonly ColumnValue[]; readonly subjects: readonly string[] }): Row {
  const cells: Cell[] = [...row];
  cells[plainColumns.length] = subjects.toSorted();
  return cells;
}
