import { expect, test } from "vitest";
import { createRedactor } from "../privacy/redactor.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import { passSignal } from "./signal-door.ts";

const redactor = createRedactor();
const signal: Signal = {
  id: "s1",
  kind: "correction",
  target: { exampleId: "e1", itemId: "i1" },
  action: "negative",
  value: 2,
  at: "2026-01-02T03:04:05Z",
  actor: "p1",
};

test("what it points at and who did it stay, what it says is redacted and counted", () => {
  const passage = passSignal(
    { ...signal, text: "write to ana@example.org", reason: "not ben@example.org", payload: { "cc@example.org": ["dan@example.org"] } },
    redactor,
  );
  expect(passage).toEqual({
    signal: {
      ...signal,
      text: "write to [REDACTED_EMAIL]",
      reason: "not [REDACTED_EMAIL]",
      payload: { "[REDACTED_EMAIL]": ["[REDACTED_EMAIL]"] },
    },
    redacted: { EMAIL: 4 },
  });
});

test("one that says nothing passes as it is", () => {
  expect(passSignal(signal, redactor)).toEqual({ signal, redacted: {} });
});

test("its text is mended", () => {
  expect(passSignal({ ...signal, text: "a\u0000\ud800" }, redactor)).toMatchObject({ signal: { text: "a\ufffd\ufffd" } });
});

test("one that goes beyond JSON is refused", () => {
  let deep: Json = 1;
  for (let level = 0; level < 10_000; level++) deep = [deep];
  for (const payload of [{ far: Infinity }, { deep }] satisfies JsonObject[])
    expect(passSignal({ ...signal, payload }, redactor)).toMatchObject({ refused: "not-json" });
});
