import type { CaptureEvent } from "../schema/event.ts";
import type { Storage } from "../storage/storage.ts";

export interface CaptureLimit {
  readonly storage: Storage;
  /** Ids and names of the only datasets somebody reaches. */
  readonly datasets: ReadonlySet<string>;
  /** The dataset of an example that is on its way to the pool. */
  readonly onItsWay: (exampleId: string) => { readonly dataset?: string } | undefined;
}

/**
 * Finds the events that somebody who reaches some datasets only may not send: examples that name none of these, or whose id is another's
 * example, which they would get to see; signals about nothing, about other examples, or about one that nobody knows.
 */
export async function eventsOutside(events: readonly CaptureEvent[], limit: CaptureLimit): Promise<ReadonlySet<CaptureEvent>> {
  const { datasets } = limit;
  const standing = await standingOf([...new Set(events.flatMap((event) => idOf(event) ?? []))], limit);
  const outside = new Set<CaptureEvent>();
  const sent = new Set<string>();
  for (const event of events) {
    if (event.kind !== "example") continue;
    const { id } = event.example;
    const isFree = id === undefined || standing.get(id) !== "outside";
    if (event.dataset === undefined || !datasets.has(event.dataset) || !isFree) outside.add(event);
    else if (id !== undefined) sent.add(id);
  }
  for (const event of events) {
    const id = idOf(event);
    if (event.kind === "signal" && (id === undefined || (standing.get(id) !== "within" && !sent.has(id)))) outside.add(event);
  }
  return outside;
}

function idOf(event: CaptureEvent): string | undefined {
  return event.kind === "example" ? event.example.id : event.signal.target?.exampleId;
}

/** Whether examples, or what stands for them, lie within the datasets; those that nobody knows are left out. */
async function standingOf(
  ids: readonly string[],
  { storage, datasets, onItsWay }: CaptureLimit,
): Promise<ReadonlyMap<string, "within" | "outside">> {
  const standing = new Map<string, "within" | "outside">();
  for (const id of ids) {
    const found = onItsWay(id);
    if (found !== undefined) standing.set(id, found.dataset !== undefined && datasets.has(found.dataset) ? "within" : "outside");
  }
  if (ids.length === 0) return standing;
  await storage.read(async ({ queries }) => {
    for (const table of ["example", "alias"] as const) {
      const rows = await queries.selectFrom(table).select(["id", "n"]).where("id", "in", ids).execute();
      const numbers = rows.map(({ n }) => n);
      if (numbers.length === 0) continue;
      const members = await queries
        .selectFrom("member")
        .select("n")
        .where("n", "in", numbers)
        .where("dataset_id", "in", [...datasets])
        .execute();
      const within = new Set(members.map(({ n }) => n));
      for (const { id, n } of rows) standing.set(id, within.has(n) ? "within" : "outside");
    }
  });
  return standing;
}
