import { expect, test } from "vitest";
import { named } from "./named.ts";

const list = [{ name: "jsonl" }, { name: "csv" }] as const;

test("finds by the whole name", () => {
  expect(named(list, "csv", "layout")).toBe(list[1]);
});

test("names the nearest for a typo, and all of them where none is near", () => {
  expect(() => named(list, "jsnol", "layout")).toThrow("layout: there is none named jsnol; did you mean jsonl?");
  expect(() => named(list, "spreadsheet", "layout")).toThrow("layout: there is none named spreadsheet; there are jsonl, csv");
  expect(() => named(list, "", "layout")).toThrow(expect.objectContaining({ code: "input/invalid", kind: "input" }));
});
