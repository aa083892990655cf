import fc from "fast-check";
import { expect, test } from "vitest";
import { versionColumns } from "../schema/column.ts";
import { versionStatisticsSchema } from "../schema/manifest.ts";
import type { Cell, Row } from "./cells.ts";
import { createSplitRule, splitOf } from "./split.ts";
import { createStatistics } from "./statistics.ts";

const rule = createSplitRule("d");

function rowOf(cells: Readonly<Record<string, Cell>>): Row {
  return versionColumns.map((column) => cells[column.name] ?? null);
}

function statisticsOf(rows: readonly Row[]) {
  const statistics = createStatistics(versionColumns, rule);
  statistics.add(rows);
  return statistics.finish();
}

test("counts values, what lies beyond the listed ones, and what is missing: every row once", () => {
  const intents = Array.from({ length: 250 }, (_, i) =>
    Array.from({ length: 1 + (i % 3) }, () => `intent-${String(i).padStart(3, "0")}`),
  ).flat();
  const rows = [...intents.map((intent) => rowOf({ kind: "classification", intent })), rowOf({ kind: "text" })];
  const { counts } = statisticsOf(rows);
  expect(counts["kind"]).toEqual({
    values: [
      { value: "classification", rows: intents.length },
      { value: "text", rows: 1 },
    ],
    others: 0,
    missing: 0,
  });
  const found = counts["labels.intent"];
  expect(found?.values).toHaveLength(200);
  expect(found?.values[0]).toEqual({ value: "intent-002", rows: 3 });
  expect((found?.values ?? []).reduce((sum, value) => sum + value.rows, 0) + (found?.others ?? 0)).toBe(intents.length);
  expect(found?.missing).toBe(1);
});

test("says good and bad of ratings, and leaves out what no row has", () => {
  const found = statisticsOf([rowOf({ label: 1 }), rowOf({ label: 0 }), rowOf({ label: 1 })]);
  expect(found.counts["label"]?.values).toEqual([
    { value: "true", rows: 2 },
    { value: "false", rows: 1 },
  ]);
  expect(found.lengths).toEqual({});
  expect(found.quality).toEqual({ scored: 0 });
  expect(versionStatisticsSchema.parse(found)).toEqual(found);
});

test("splits rows as an export does, and takes the mean over rows that have a score", () => {
  const rows = Array.from({ length: 400 }, (_, i) => rowOf({ group_key: `g${i}`, quality_score: i % 4 === 0 ? null : 0.5 }));
  const found = statisticsOf(rows);
  const train = rows.filter((_, i) => splitOf(`g${i}`, rule) === "train").length;
  expect(found.splits.train).toBe(train);
  expect(found.splits.train + found.splits.validation + found.splits.test).toBe(400);
  expect(found.quality).toEqual({ scored: 300, mean: 0.5 });
});

test("quantiles of lengths are exact at both ends and true within 1.6 % between", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(200), fc.nat(300_000)), { minLength: 1, maxLength: 60 }), (lengths) => {
      const found = statisticsOf(lengths.map((length) => rowOf({ input_text: "x".repeat(length) }))).lengths.input;
      const sorted = lengths.toSorted((a, b) => a - b);
      expect([found?.min, found?.max]).toEqual([sorted[0], sorted.at(-1)]);
      for (const [name, share] of [
        ["p5", 0.05],
        ["p50", 0.5],
        ["p95", 0.95],
      ] as const) {
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
        expect(Math.abs((found?.[name] ?? NaN) - exact)).toBeLessThanOrEqual(exact * 0.016);
      }
    }),
  );
});
