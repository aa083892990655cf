import type { Captured, Storage } from "../storage/storage.ts";

/** What earlier attempts of an import stored. */
export interface EarlierAttempts {
  /**
   * What became of rows over all attempts: a duplicate of what an earlier attempt stored for the same row is what it was then, the first
   * time it is met. In the order of the file, one call at a time.
   */
  recall(captured: readonly Captured[]): Promise<readonly Captured[]>;
}

export interface LookBackOptions {
  readonly importId: string;
  readonly nowMs: number;
  /** What was stored up to this row and this moment is counted already. @defaultValue nothing */
  readonly counted?: Counted;
}

export interface Counted {
  readonly lastN: number;
  readonly atMs: number;
}

const nothing: Counted = { lastN: 0, atMs: 0 };

/**
 * Looks back at earlier attempts of an import. Call it before anything of this attempt is stored.
 *
 * What it cannot set right: a record that was in the pool before and stands in the file in several versions, all of them stored by an
 * attempt that ended without warning, is changed back and comes once more. Holds one bit for each row of the pool; asks the pool once for each batch that met something known.
 */
export async function lookBack(storage: Storage, { importId, nowMs, counted = nothing }: LookBackOptions): Promise<EarlierAttempts> {
  const lastN = await newestRow(storage);
  const met = createBits(lastN + 1);

  return {
    async recall(captured) {
      const ids = new Set(captured.flatMap(({ status, id }) => (status === "duplicate" ? [id] : [])));
      if (ids.size === 0) return captured;
      const stored = await findStored(storage, [...ids], importId);
      return captured.map((result) => {
        const row = result.status === "duplicate" ? stored.get(result.id) : undefined;
        if (row === undefined || row.n > lastN || (row.updatedAtMs ?? 0) >= nowMs) return result; // stored by this attempt
        if (row.updatedAtMs === null ? row.n <= counted.lastN : row.updatedAtMs <= counted.atMs) return result;
        if (met.add(row.n)) return result;
        return { status: row.updatedAtMs === null ? "accepted" : "updated", id: result.id, ...(row.isConflict ? { conflict: true } : {}) };
      });
    },
  };
}

/** The newest row of the pool; 0 where it is empty. */
export async function newestRow(storage: Storage): Promise<number> {
  const newest = await storage.read(({ queries }) =>
    queries.selectFrom("example").select("n").orderBy("n", "desc").limit(1).executeTakeFirst(),
  );
  return newest?.n ?? 0;
}

interface Stored {
  readonly n: number;
  /** When a capture updated it. An import never updates a row that it made itself: such a one was there before. */
  readonly updatedAtMs: number | null;
  readonly isConflict: boolean;
}

const IDS_A_QUERY = 5_000;

/** Of these examples the ones that came, or were updated, by this import. */
async function findStored(storage: Storage, ids: readonly string[], importId: string): Promise<ReadonlyMap<string, Stored>> {
  const found = new Map<string, Stored>();
  for (let first = 0; first < ids.length; first += IDS_A_QUERY) {
    const rows = await storage.read(({ queries }) =>
      queries
        .selectFrom("example")
        .select(["id", "n"])
        .select((eb) => [
          eb
            .selectFrom("revision")
            .select(({ fn }) => fn.max("revision.at").as("at"))
            .whereRef("revision.n", "=", "example.n")
            .where("revision.op", "=", "capture")
            .as("updated_at_ms"),
          eb
            .selectFrom("finding")
            .select(({ fn }) => fn.countAll<number>().as("conflicts"))
            .whereRef("finding.n", "=", "example.n")
            .where("finding.rule", "in", ["conflicting-label", "conflicting-answer"])
            .as("conflicts"),
        ])
        .where("import_id", "=", importId)
        .where("id", "in", ids.slice(first, first + IDS_A_QUERY))
        .execute(),
    );
    for (const { id, n, updated_at_ms, conflicts } of rows)
      found.set(id, { n, updatedAtMs: updated_at_ms, isConflict: (conflicts ?? 0) > 0 });
  }
  return found;
}

/** A set of small whole numbers, one bit each. */
function createBits(size: number): { /** True where it was in already. */ add(value: number): boolean } {
  const bits = new Uint8Array(Math.ceil(size / 8));
  return {
    add(value) {
      const [at, bit] = [value >>> 3, 1 << (value & 7)];
      const before = bits[at] ?? 0;
      bits[at] = before | bit;
      return (before & bit) !== 0;
    },
  };
}
