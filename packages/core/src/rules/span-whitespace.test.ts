import { expect, test } from "vitest";
import { spanWhitespace } from "./span-whitespace.ts";

function message(surface: string): string | undefined {
  const entities = [{ label: "x", start: 0, end: surface.length, surface }];
  return spanWhitespace.check({ kind: "classification", text: surface, labels: {}, entities }, { thresholds: {} })[0]?.message;
}

test.each([" Paris", "Paris\n", "\u00a0Paris"])("white space at an edge: %j", (surface) => {
  expect(message(surface)).toBe("the span begins or ends in white space");
});

test.each(["Paris,", "“Paris", "Paris?", "(Paris", "Paris)", "5."])("punctuation at an edge: %s", (surface) => {
  expect(message(surface)).toBe("the span begins or ends in punctuation");
});

test.each(["Paris", "New York", "U.S.", "Acme Inc.", "$5", "Ubisoft (Paris)", "O'Neill", "@tilth", "#roof", "!"])(
  "fits its tokens: %s",
  (surface) => {
    expect(message(surface)).toBeUndefined();
  },
);

test("names no place that lies nowhere", () => {
  const entities = [{ label: "x", start: -7, end: -2, surface: " Paris" }];
  const [remark] = spanWhitespace.check({ kind: "classification", text: "Paris", labels: {}, entities }, { thresholds: {} });
  expect(remark).toEqual({ message: "the span begins or ends in white space", at: "/entities/0" });
});
