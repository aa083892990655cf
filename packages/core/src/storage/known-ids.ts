import { sql } from "kysely";
import type { Storage } from "./storage.ts";

/** Ids by what they name. */
export interface Ids<List> {
  readonly examples: List;
  readonly signals: List;
}

/** Finds the ids that the pool knows: of examples, of duplicates that were skipped, of signals. About a microsecond each. */
export async function knownIds(storage: Storage, { examples, signals }: Ids<readonly string[]>): Promise<Ids<ReadonlySet<string>>> {
  return storage.read(async ({ queries }) => {
    const among = async (table: "example" | "alias" | "signal", ids: readonly string[]): Promise<readonly string[]> => {
      if (ids.length === 0) return [];
      // As one value: a query of its own for each number of ids would be compiled each time.
      const wanted = sql<string>`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
      const found = await queries.selectFrom(table).select("id").where("id", "in", wanted).execute();
      return found.map(({ id }) => id);
    };
    const known = [...(await among("example", examples)), ...(await among("alias", examples))];
    return { examples: new Set(known), signals: new Set(await among("signal", signals)) };
  });
}
