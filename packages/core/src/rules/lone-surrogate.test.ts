import { expect, test } from "vitest";
import { loneSurrogate } from "./lone-surrogate.ts";

const places = (prompt: string, reply: string) =>
  loneSurrogate
    .check(
      {
        kind: "chat",
        messages: [
          { role: "user", content: prompt },
          { role: "assistant", content: reply, reasoning: "gm \udc00" },
        ],
      },
      { thresholds: {} },
    )
    .map(({ at }) => at);

test("finds either half alone, in every text", () => {
  expect(places("cut \ud83c", "ok")).toEqual(["/messages/0/content", "/messages/1/reasoning"]);
});

test("a whole emoji is fine", () => {
  expect(places("🎀", "🧹")).toEqual(["/messages/1/reasoning"]);
});
