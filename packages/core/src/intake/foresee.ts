import type { Captured, CaptureOptions, NewRow, Storage } from "../storage/storage.ts";
import { toHex } from "../text/hash.ts";

/** What would become of rows. Copies that come with a later call count as accepted: nothing is stored to compare with. */
export async function foresee(
  storage: Storage,
  rows: readonly NewRow[],
  { onChange = "update", withinDatasets }: Pick<CaptureOptions, "onChange" | "withinDatasets">,
): Promise<readonly Captured[]> {
  const hashes = rows.map((row) => row.row.content_hash);
  const records = rows.flatMap((row) => (row.sourceIdIsIdentity && row.row.source_id !== null ? [row.row.source_id] : []));
  const known = await storage.read(async ({ queries }) => ({
    contents: await queries.selectFrom("example").select("content_hash").where("content_hash", "in", hashes).execute(),
    records:
      records.length === 0
        ? []
        : await queries
            .selectFrom("example")
            .select(["source_id", "source"])
            .where("source_id", "in", records)
            .$if(withinDatasets !== undefined, (found) =>
              found.where("n", "in", (members) =>
                members
                  .selectFrom("member")
                  .select("n")
                  .where("dataset_id", "in", withinDatasets ?? []),
              ),
            )
            .execute(),
  }));
  const contents = new Set(known.contents.map((row) => toHex(row.content_hash)));
  const origins = new Set(known.records.map((row) => `${row.source_id} of ${row.source}`));
  return rows.map(({ row, sourceIdIsIdentity }) => {
    const isKnown = contents.has(toHex(row.content_hash));
    const isRecord = sourceIdIsIdentity && origins.has(`${row.source_id} of ${row.source}`);
    contents.add(toHex(row.content_hash));
    return { status: isKnown ? "duplicate" : isRecord ? changed[onChange] : "accepted", id: row.id };
  });
}

/** What becomes of a known record whose content differs. */
const changed = { update: "updated", skip: "duplicate", add: "accepted" } as const;
