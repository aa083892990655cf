import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSplitRule, splitOf } from "./split.ts";

test("keeps about the shares it is told, and a group on one side", () => {
  const rule = createSplitRule("support");
  const sides = Array.from({ length: 20_000 }, (_, i) => splitOf(`group-${i}`, rule));
  const share = (split: string): number => sides.filter((side) => side === split).length / sides.length;
  expect(share("train")).toBeCloseTo(0.9, 1);
  expect(share("validation")).toBeCloseTo(0.05, 1);
  expect(share("test")).toBeCloseTo(0.05, 1);
  expect(splitOf("group-7", rule)).toBe(sides[7]);
});

test("follows the rule that other programs can follow", () => {
  const rule = createSplitRule("intents", { train: 0.5, validation: 0.25, test: 0.25 });
  const positions = ["g1", "g2", "g3", "g4", "g5", "g6"].map((group) => splitOf(group, rule));
  expect(positions).toEqual(["g1", "g2", "g3", "g4", "g5", "g6"].map((group) => byHand(`intents${group}`)));
});

test("another salt splits otherwise", () => {
  const sides = (salt: string): string => Array.from({ length: 200 }, (_, i) => splitOf(`${i}`, createSplitRule(salt))).join();
  expect(sides("a")).not.toBe(sides("b"));
});

test("what a merge of groups moved to train is train, wherever it would fall", () => {
  const rule = createSplitRule("d", { train: 0, validation: 0, test: 1 });
  expect(splitOf("g", rule)).toBe("test");
  expect(splitOf("g", { ...rule, toTrain: ["g"] })).toBe("train");
});

test("gives a split that has no share nothing", () => {
  const rule = createSplitRule("d", { train: 1, validation: 0, test: 0 });
  fc.assert(
    fc.property(fc.string(), (group) => {
      expect(splitOf(group, rule)).toBe("train");
    }),
  );
});

test.each([
  { train: 0.9, validation: 0.2, test: 0.05 },
  { train: 1.5, validation: -0.5, test: 0 },
  { train: Number.NaN, validation: 0.5, test: 0.5 },
])("refuses shares that are none: %j", (ratios) => {
  expect(() => createSplitRule("d", ratios)).toThrow(expect.objectContaining({ code: "split/bad-ratios", kind: "input" }));
});

function byHand(text: string): string {
  const position = Number(BigInt(`0x${hashHex(text).slice(0, 12)}`) % 1_000_000n);
  if (position < 500_000) return "train";
  return position < 750_000 ? "validation" : "test";
}

function hashHex(text: string): string {
  return Buffer.from(sha256(text)).toString("hex");
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text, "utf8").digest();
}
