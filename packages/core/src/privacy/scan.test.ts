import { expect, test } from "vitest";
import { isTilthError } from "../errors.ts";
import { planScan, scan, scanUnits } from "./scan.ts";

test("offsets count code points", () => {
  expect(scan("😀😀 jane@example.org 😀 bob@example.org")).toEqual([
    { type: "EMAIL", start: 3, end: 19, score: 0.9, validated: false },
    { type: "EMAIL", start: 22, end: 37, score: 0.9, validated: false },
  ]);
});

test("a checked number beats an unchecked one that overlaps it", () => {
  expect(scan("card 4111-1111-1111-1111")).toEqual([{ type: "CREDIT_CARD", start: 5, end: 24, score: 1, validated: true }]);
});

test("only the types asked for are reported, yet the others still settle overlaps", () => {
  const text = "https://example.org/p/415-555-2671 or 415-555-2671";
  expect(scan(text, { types: ["PHONE"] }).map((span) => span.start)).toEqual([38]);
});

test("a higher threshold keeps what is proven and drops what is likely", () => {
  const text = "4111-1111-1111-1111, 1234-5678-9012-3456";
  expect(scan(text).length).toBe(2);
  expect(scan(text, { threshold: 0.9 }).map((span) => span.start)).toEqual([0]);
});

test("a context word counts as a whole word within five words", () => {
  expect(scan("phone 4673395").length).toBe(1);
  expect(scan("telephony 4673395").length).toBe(0);
  expect(scan("phone one two three four five six 4673395").length).toBe(0);
});

test("windows find what the whole text holds, also across their edges", () => {
  const piece = "some words about nothing jane@example.org and 4111-1111-1111-1111 then +1 415 555 2671 😀. ";
  const text = piece.repeat(60);
  const plan = planScan({});
  for (const length of [97, 512, 1000]) expect(scanUnits(text, plan, length)).toEqual(scanUnits(text, plan));
  const long = "plain words without anything, ".repeat(40_000);
  expect(scan(`${long}${piece}${long}`).length).toBe(3);
});

test("a type nobody can find and a threshold out of range are refused with the way out", () => {
  for (const options of [{ types: ["EMIAL"] }, { threshold: 2 }]) {
    expect(() => scan("x", options)).toThrow(expect.objectContaining({ code: "input/invalid" }));
  }
  try {
    scan("x", { types: ["EMIAL"] });
  } catch (error) {
    expect(isTilthError(error) && error.message).toContain('no detector finds "EMIAL"; there are EMAIL');
  }
});

test("a detector of one's own is tried on every text", () => {
  const badge = { type: "BADGE", need: 0, base: 0.8, pattern: /\bB-\d{4}\b/g };
  expect(scan("badge B-1234", { detectors: [badge] })).toEqual([{ type: "BADGE", start: 6, end: 12, score: 0.8, validated: false }]);
});
