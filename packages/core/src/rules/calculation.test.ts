import { expect, test } from "vitest";
import { calculation } from "./calculation.ts";

const found = (content: string) => calculation.check({ kind: "chat", messages: [{ role: "assistant", content }] }, { thresholds: {} });

test.each(["2 + 2 = 5", "So 12*3=35.", "$5 × 3 = $16", "16-3-4=8", "2 + 3 * 4 = 20", "1,200 / 4 = 30", "she has <<48/2=25>>25"])(
  "wrong: %s",
  (text) => {
    expect(found(text)).toMatchObject([{ message: "a stated calculation is wrong" }]);
  },
);

test.each([
  "2 + 2 = 4",
  "16-3-4=9",
  "2 + 3 * 4 = 14",
  "$1,200 / 4 = $300",
  "10 / 3 = 3.33",
  "2 / 3 = 0.67",
  "1/2 = .5",
  "0.1 + 0.2 = 0.3",
  "3 - 5 = -2",
])("right: %s", (text) => {
  expect(found(text)).toEqual([]);
});

test.each([
  "20% of 50 + 5 = 15",
  "2^3 + 1 = 9",
  "(2 + 3) * 4 = 20",
  "2 * 3 = 6 + 1 = 7",
  "5 + 3 = 8/2",
  "x + 2 = 5",
  "2x + 3 = 7",
  "on 2024-01-05 = day 5",
  "17 / 5 = 3 R2",
  "1 / 0 = 7",
  "50 + 50 = 100%",
  "A-501 = 4",
  "3 feet + 2 = 5",
  "3*(2+1) = 9",
  "X*2 - $40 = $250",
  "(X+10)*1/2 = 45",
  "12 x 1 and 1/4 = 15",
  "$1 / 2 = 50 cents",
  "25 / 1/3 = 75",
  "$80 000 x 20/100 = $16 000",
  "0900-0130 = 0730 hours",
])("says nothing about: %s", (text) => {
  expect(found(text)).toEqual([]);
});

test("tells where, in characters", () => {
  expect(found("🎀 first 1 + 1 = 2, then 2 + 2 = 5.")).toEqual([
    { message: "a stated calculation is wrong", at: "/messages/0/content", start: 24, end: 33 },
  ]);
});
