import { describe, expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { redactJson, redactText, redactWithSpans } from "./redact.ts";
import { createRedactor } from "./redactor.ts";

describe("texts", () => {
  test("a text without personal data comes back as it was", () => {
    const text = "Nothing to see here, 42 times.";
    expect(redactText(text)).toEqual({ text, spans: [], flagged: [] });
  });

  test("spans tell what was replaced, in code points of the text as it was", () => {
    const { text, spans } = redactText("😀 jane@example.org or (123) 456-7890");
    expect(text).toBe("😀 [REDACTED_EMAIL] or [REDACTED_PHONE]");
    expect(spans.map(({ type, start, end }) => [type, start, end])).toEqual([
      ["EMAIL", 2, 18],
      ["PHONE", 22, 36],
    ]);
  });
});

describe("policy", () => {
  test("exact values and whole-value patterns may stay", () => {
    const redactor = createRedactor({ allow: ["help@example.org", "/.*@tilth\\.dev/i"] });
    expect(redactor.text("help@example.org, ME@TILTH.DEV, jane@example.org").text).toBe("help@example.org, ME@TILTH.DEV, [REDACTED_EMAIL]");
  });

  test("a flagged type is reported and left, others are redacted", () => {
    const redactor = createRedactor({ actions: { PHONE: "flag" } });
    const result = redactor.text("jane@example.org, (123) 456-7890");
    expect(result.text).toBe("[REDACTED_EMAIL], (123) 456-7890");
    expect(result.flagged.map(({ type, start, end }) => [type, start, end])).toEqual([["PHONE", 18, 32]]);
    expect(redactor.json({ a: "(123) 456-7890" })).toEqual({ value: { a: "(123) 456-7890" }, found: {}, flagged: { PHONE: 1 } });
  });

  test("own patterns are looked for beside the chosen types", () => {
    const redactor = createRedactor({ types: ["EMAIL"], patterns: { BADGE: "\\bB-\\d{4}\\b", CODE_NAME: "/operation \\w+/i" } });
    expect(redactor.text("B-1234 Operation Rain (123) 456-7890 a@b.org").text).toBe(
      "[REDACTED_BADGE] [REDACTED_CODE_NAME] (123) 456-7890 [REDACTED_EMAIL]",
    );
    expect(createRedactor({ patterns: { EMPTY: "x*" } }).text("axxb").text).toBe("a[REDACTED_EMPTY]b");
  });

  test.each([
    [{ types: ["NAME"] }, 'no detector finds "NAME"'],
    [{ allow: ["/(/"] }, "privacy allow[0]"],
    [{ patterns: { BADGE: "(" } }, "privacy patterns.BADGE"],
    [{ patterns: { badge: "x" } }, "use capitals"],
    [{ types: ["EMAIL"], actions: { PHONE: "flag" } } as const, "not among the types"],
  ])("a policy that cannot be kept is refused: %j", (policy, message) => {
    expect(() => createRedactor(policy)).toThrow(message);
  });
});

describe("JSON", () => {
  test("strings and keys are redacted at any place, the rest is the same object", () => {
    const clean = { deep: ["ok", 1, null, true] };
    const value = { clean, list: ["a", { "jane@example.org": "call (123) 456-7890" }], number: 3 };
    const result = redactJson(value);
    expect(result.value).toEqual({ clean, list: ["a", { "[REDACTED_EMAIL]": "call [REDACTED_PHONE]" }], number: 3 });
    expect(result.found).toEqual({ EMAIL: 1, PHONE: 1 });
    expect(result.value).toHaveProperty(
      "clean",
      expect.toSatisfy((same) => same === clean),
    );
    expect(redactJson(clean).value).toBe(clean);
  });

  test("the name of a member decides as it does in a text", () => {
    const { value, found } = redactJson({ password: "hunter2!", apiKey: "abc123", token: "hello", tokens: 512, pin: "4711", key: "name" });
    expect(value).toEqual({
      password: "[REDACTED_PASSWORD]",
      apiKey: "[REDACTED_API_KEY]",
      token: "hello",
      tokens: 512,
      pin: "[REDACTED_PASSWORD]",
      key: "name",
    });
    expect(found).toEqual({ API_KEY: 1, PASSWORD: 2 });
  });

  test("a word that every record says is judged like any other", () => {
    const redactor = createRedactor({ patterns: { OWN: "assistant" } });
    expect(redactor.json({ role: "assistant", kind: "chat" })).toMatchObject({
      value: { role: "[REDACTED_OWN]", kind: "chat" },
      found: { OWN: 1 },
    });
    expect(redactJson({ password: "extraction" }).value).toEqual({ password: redactText("password='extraction'").text.slice(10, -1) });
  });

  test("what was found in one value is not counted in the next", () => {
    const redactor = createRedactor();
    expect(redactor.json("jane@example.org").found).toEqual({ EMAIL: 1 });
    expect(redactor.json({ a: "fine" }).found).toEqual({});
    expect(redactor.json(["jane@example.org", "joe@example.org"]).found).toEqual({ EMAIL: 2 });
  });

  test("two keys that become equal both keep their value", () => {
    expect(redactJson({ "a@x.org": 1, "b@x.org": 2 }).value).toEqual({ "[REDACTED_EMAIL]": 1, "[REDACTED_EMAIL] (2)": 2 });
  });

  test("a key named __proto__ stays an ordinary key", () => {
    const { value } = redactJson(JSON.parse('{"__proto__": "a@x.org", "b": 1}'));
    expect(JSON.stringify(value)).toBe('{"__proto__":"[REDACTED_EMAIL]","b":1}');
  });

  test("nesting of any depth does not overflow", () => {
    let value: Json = "a@x.org";
    for (let depth = 0; depth < 200_000; depth++) value = depth % 2 === 0 ? [value] : { a: value };
    let inner: Json | undefined = redactJson(value).value;
    while (typeof inner === "object" && inner !== null) inner = Object.values(inner)[0];
    expect(inner).toBe("[REDACTED_EMAIL]");
  });
});

describe("entities", () => {
  const entity = (text: string, surface: string, label = "x"): { label: string; start: number; end: number; surface: string } => {
    const start = Array.from(text.slice(0, text.indexOf(surface))).length;
    return { label, start, end: start + Array.from(surface).length, surface };
  };

  test("an entity behind a redacted one moves, the redacted one has its placeholder as surface", () => {
    const text = "😀 mail jane@example.org about Paris";
    const { entities, text: redacted } = redactWithSpans(text, [
      entity(text, "mail"),
      entity(text, "jane@example.org"),
      entity(text, "Paris"),
    ]);
    expect(redacted).toBe("😀 mail [REDACTED_EMAIL] about Paris");
    expect(entities.map(({ surface }) => surface)).toEqual(["mail", "[REDACTED_EMAIL]", "Paris"]);
  });

  test("an entity that holds a redacted part, or is part of one, covers the whole placeholder", () => {
    const text = "ask jane@example.org today";
    const { entities } = redactWithSpans(text, [entity(text, "ask jane@example.org"), entity(text, "example")]);
    expect(entities.map(({ surface, start, end }) => [surface, start, end])).toEqual([
      ["ask [REDACTED_EMAIL]", 0, 20],
      ["[REDACTED_EMAIL]", 4, 20],
    ]);
  });
});
