import type { Metric, Storage } from "../storage/storage.ts";

const DAY_MS = 86_400_000;
const MOST_DAYS = 30;

/** One day of a series. */
export interface SharePoint {
  /** `2026-01-07`, UTC. */
  readonly day: string;
  /** Of the examples, how many were fresh: 0 to 1. */
  readonly share: number;
}

/** What a day's point is of. */
export interface SeriesPlace {
  readonly datasetId?: string | undefined;
  readonly type?: string | undefined;
}

export interface FreshnessFigures {
  readonly samples: number;
  readonly fresh: number;
  /** Absent where scores were not taken, but decisions. */
  readonly mean?: number | undefined;
}

/** The figures of one place as points of today: `freshness.share`, `freshness.count` and `freshness.mean`. */
export function pointsOf(place: SeriesPlace, { samples, fresh, mean }: FreshnessFigures, nowMs: number): readonly Metric[] {
  if (samples === 0) return [];
  const point = { day: Math.floor(nowMs / DAY_MS), dimension: dimensionOf(place) };
  const points: Metric[] = [
    { ...point, name: "freshness.share", value: fresh / samples },
    { ...point, name: "freshness.count", value: samples },
  ];
  return mean === undefined ? points : [...points, { ...point, name: "freshness.mean", value: mean }];
}

/** The share of fresh examples on the last days that were checked, oldest first. */
export async function shareTrend(storage: Storage, place: SeriesPlace): Promise<readonly SharePoint[]> {
  const rows = await storage.read(({ queries }) =>
    queries
      .selectFrom("metric")
      .select(["day", "value"])
      .where("name", "=", "freshness.share")
      .where("dimension", "=", dimensionOf(place))
      .orderBy("day", "desc")
      .limit(MOST_DAYS)
      .execute(),
  );
  return rows.toReversed().map(({ day, value }) => ({ day: new Date(day * DAY_MS).toISOString().slice(0, 10), share: value }));
}

/** `""` is the whole pool. A dataset's id holds no space, so that what follows it is the type, whatever it is. */
function dimensionOf({ datasetId, type }: SeriesPlace): string {
  return [...(datasetId === undefined ? [] : [`dataset=${datasetId}`]), ...(type === undefined ? [] : [`type=${type}`])].join(" ");
}
