import { expect, test } from "vitest";
import { readEntities, tuplesOf } from "./entities.ts";

const text = "😀 Cancel my Acme order";
const acme = { label: "ORG", start: 12, end: 16, surface: "Acme" };

test("counts in code points and takes the surface from the text", () => {
  expect(readEntities([{ label: "ORG", start: 12, end: 16 }], text)).toEqual({ spans: [acme], remarks: [] });
});

test("recognises UTF-16 offsets by the surface", () => {
  expect(readEntities([{ label: "ORG", start: 13, end: 17, text: "Acme" }], text)).toEqual({ spans: [acme], remarks: [] });
});

test("of the two strings of a tuple the one in the text is the surface", () => {
  expect(readEntities([["Acme", "ORG", 12, 16]], text)).toEqual({ spans: [acme], remarks: [] });
  expect(readEntities('[["ORG", "Acme", 12, 16]]', text)).toEqual({ spans: [acme], remarks: [] });
  expect(tuplesOf([acme])).toEqual([["Acme", "ORG", 12, 16]]);
});

test("keeps a span that fits nowhere, with a remark", () => {
  const places: readonly (readonly [number, number])[] = [
    [0, 4],
    [16, 12],
    [12, 99],
    [-4, 4],
  ];
  for (const [start, end] of places) {
    expect(readEntities([{ label: "ORG", start, end, surface: "Acme" }], text)).toMatchObject({
      spans: [{ start, end, surface: "Acme" }],
      remarks: [{ rule: "span-invalid", at: "/entities/0" }],
    });
  }
});

test("takes nothing else for entities", () => {
  for (const value of ["Acme", { label: "ORG" }, ["Acme"], [["Acme", 1]], [{ label: "ORG", start: 0.5, end: 1 }]])
    expect(readEntities(value, text)).toBeUndefined();
});
