import { expect, test } from "vitest";
import { choiceOption, flagOption, given, listOption, numberOption, textOption } from "./options.ts";

const options = { where: "kind = chat", json: true, tag: ["a", "b"], limit: "12", bad: "many", empty: "" };

test("an option is what was typed, or nothing", () => {
  expect([textOption(options, "where"), textOption(options, "none"), textOption(options, "json"), textOption(options, "empty")]).toEqual([
    "kind = chat",
    undefined,
    undefined,
    "",
  ]);
  expect([flagOption(options, "json"), flagOption(options, "none"), flagOption(options, "where")]).toEqual([true, false, false]);
});

test("an option with choices is one of them, or nothing", () => {
  const from = (typed: string | undefined): "members" | "pool" | undefined => choiceOption({ from: typed }, "from", ["members", "pool"]);
  expect([from("pool"), from("trash"), from(undefined)]).toEqual(["pool", undefined, undefined]);
});

test("an option that may repeat is a list, also when it came once or never", () => {
  expect([listOption(options, "tag"), listOption(options, "where"), listOption(options, "none")]).toEqual([
    ["a", "b"],
    ["kind = chat"],
    [],
  ]);
});

test("a number that is none is left for the operation to refuse by name", () => {
  expect([numberOption(options, "limit"), numberOption(options, "bad"), numberOption(options, "none")]).toEqual([
    12,
    Number.NaN,
    undefined,
  ]);
});

test("members that are not given are left out, all others stay, false and empty ones too", () => {
  expect(given({ a: undefined, b: 0, c: "", d: false, e: [] })).toEqual({ b: 0, c: "", d: false, e: [] });
  expect(Object.keys(given({ a: undefined }))).toEqual([]);
});
