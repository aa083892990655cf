import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf } from "./contract.ts";
import { goldChoice } from "./gold-choice.ts";

const row = { input: "2+2?", output_1: "5", output_2: "4" };

test("the label names the better answer, as a number or as a cell", () => {
  const better = { kind: "preference", prompt: [{ role: "user", content: "2+2?" }], chosen: [{ role: "assistant", content: "4" }] };
  expect(readOne(goldChoice, { ...row, label: 2, note: 1 })).toEqual({
    ...better,
    rejected: [{ role: "assistant", content: "5" }],
    metadata: { note: 1 },
  });
  expect(readOne(goldChoice, { ...row, label: "2" }, "csv")).toMatchObject(better);
  expect(readOne(goldChoice, { ...row, label: 1 })).toMatchObject({ chosen: [{ content: "5" }], rejected: [{ content: "4" }] });
});

test.each<[string, Json, string]>([
  ["a label that names none", { ...row, label: 3 }, "shape"],
  ["no label", row, "incomplete"],
  ["no question", { output_1: "secret", output_2: "b", label: 1 }, "incomplete"],
  ["one answer", { input: "secret", output_1: "b", label: 1 }, "incomplete"],
  ["no object", "secret", "shape"],
])("refuses %s without showing content", (_, given, code) => {
  const { refused, reason } = refusalOf(goldChoice, given);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
