import type { Engagement } from "../schema/example.ts";
import type { Storage } from "./storage.ts";

/**
 * Says anew how people met an output. Engagement changes with every look at the platform: it is never versioned and no revision of the example.
 *
 * @param engagement - What is absent counts as none.
 */
export async function setEngagement(storage: Storage, id: string, engagement: Engagement, atMs: number): Promise<void> {
  const { impressions = 0, viewers = 0, likes = 0, reposts = 0, replies = 0, bookmarks = 0, shares = 0, dismissals = 0 } = engagement;
  const counts = { impressions, viewers, likes, reposts, replies, bookmarks, shares, dismissals, updated_at: atMs };
  const query = await storage.read(async ({ queries }) => {
    const { n } = await queries.selectFrom("example").select("n").where("id", "=", id).executeTakeFirstOrThrow();
    return queries
      .insertInto("example_stat")
      .values({ n, ...counts })
      .onConflict((conflict) => conflict.column("n").doUpdateSet(counts))
      .compile();
  });
  await storage.write([[query]]);
}
