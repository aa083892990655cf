import type { Finding } from "../schema/finding.ts";
import type { Counted } from "./counters.ts";
import { facetColumns } from "./counters.ts";
import type { FacetRow } from "./sqlite-hanging.ts";
import { worstOf } from "./sqlite-hanging.ts";
import type { PoolRow } from "./sqlite-rows.ts";
import { parseTags, textOrNull } from "./sqlite-rows.ts";
import type { Tools } from "./sqlite-tools.ts";

/** The columns of `example` that {@link countedOf} and {@link facetRowOf} read, without its texts. */
export const countedColumns = ["n", "id", ...facetColumns, "tags", "quality_score", "created_at"].join(", ");

/** What the counters hold of a row that stands. */
export function countedOf(row: PoolRow, findings: readonly Pick<Finding, "rule" | "severity">[]): Counted {
  return {
    values: facetColumns.map((column) => textOrNull(row[column])),
    tags: parseTags(row["tags"]),
    rules: findings.map((finding) => finding.rule),
    severity: worstOf(findings),
  };
}

/** What a row of `facet` holds beside the coded columns. */
export function facetRowOf(row: PoolRow): FacetRow {
  const score = row["quality_score"];
  return { score: typeof score === "number" ? score : null, createdAtMs: Number(row["created_at"]) };
}

/** Changes the findings of a row that stays as it is otherwise, and with them what is counted and coded of it. */
export function changeFindings({ counters, hanging }: Tools, row: PoolRow, change: () => void): void {
  const n = Number(row["n"]);
  counters.count(countedOf(row, hanging.findings(n)), -1);
  change();
  const counted = countedOf(row, hanging.findings(n));
  counters.count(counted, 1);
  hanging.setFacet(n, counted, facetRowOf(row));
}
