import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { redactJson, redactText, redactWithSpans } from "./redact.ts";
import { createRedactor } from "./redactor.ts";
import { scan } from "./scan.ts";

const pieces = [
  "jane@example.org",
  "@",
  "a@b.",
  "https://x.org/a?token=",
  "www.x.org",
  "postgres://u:p4ss@h/",
  "(123) 456-7890",
  "+1 415 555 2671",
  "467 3395",
  "123-45-6789",
  "1234-5678-9012-3456",
  "4111111111111111",
  "DE89 3704 0044 0532 0130 00",
  "192.168.1.10",
  "2001:db8::1:2:3",
  "::",
  "1.2.3.4",
  "password: ",
  "pwd=",
  "api_key: ",
  "key: ",
  '"token": "',
  "secret123",
  "sk-4fJq8Zr1Lk2Vn3Bm5Xc6Q",
  "ghp_0123456789abcdefghijABCDEFGHIJ012345",
  "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
  "-----BEGIN PRIVATE KEY-----",
  "-----END PRIVATE KEY-----",
  "/Users/david/",
  "C:\\Users\\jane\\",
  "/home/x",
  "Bearer ",
  "Authorization: ",
  "phone ",
  "call ",
  "order ",
  "number ",
  "card ",
  "[REDACTED_EMAIL]",
  "[REDACTED_PASSWORD]",
  "[REDACTED_",
  "x12",
  "ext. 4",
  "2024-01-15",
  "😀",
  "é",
  "\n",
  '"',
  "'",
  ",",
  ".",
  "-",
  " ",
  "=",
  ":",
];

/** Texts that consist of what detectors look for, of halves of it, and of noise, glued together in every way. */
const roughText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...pieces) },
      { weight: 2, arbitrary: fc.constantFrom(" ", " ", ", ", "") },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(..."0123456789 -.()+/x:".split("")), maxLength: 24 }) },
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(""));

test("the prefilter changes nothing: the same spans with and without it", () => {
  fc.assert(
    fc.property(roughText, (text) => {
      expect(scan(text)).toEqual(scan(text, { prefilter: false }));
    }),
    { numRuns: 2_000 },
  );
});

test("spans are sorted, do not overlap and count code points", () => {
  fc.assert(
    fc.property(roughText, (text) => {
      const points = Array.from(text);
      let last = 0;
      for (const span of scan(text)) {
        expect(span.start).toBeGreaterThanOrEqual(last);
        expect(span.end).toBeGreaterThan(span.start);
        expect(span.end).toBeLessThanOrEqual(points.length);
        last = span.end;
      }
    }),
  );
});

test("redacting what was redacted changes nothing", () => {
  fc.assert(
    fc.property(roughText, (text) => {
      const once = redactText(text).text;
      expect(redactText(once)).toEqual({ text: once, spans: [], flagged: [] });
    }),
    { numRuns: 3_000 },
  );
});

test("redacting twice changes nothing either where web addresses are redacted, which can hold other finds", () => {
  const policy = createRedactor({ types: ["URL", "EMAIL", "API_KEY", "PASSWORD", "PHONE"] });
  fc.assert(
    fc.property(roughText, (text) => {
      const once = policy.text(text).text;
      expect(policy.text(once).text).toBe(once);
    }),
    { numRuns: 1_000 },
  );
  expect(policy.text("https://x.org?api_key=abc123def456").text).toBe("[REDACTED_URL]");
});

test("the replaced text is the old one with each span's text exchanged", () => {
  fc.assert(
    fc.property(roughText, (text) => {
      const { text: redacted, spans } = redactText(text);
      const points = Array.from(text);
      const parts = spans.map((span, at) => points.slice(spans[at - 1]?.end ?? 0, span.start).join("") + `[REDACTED_${span.type}]`);
      expect(redacted).toBe(parts.join("") + points.slice(spans.at(-1)?.end ?? 0).join(""));
    }),
  );
});

test("nothing that a policy redacts is found in its result", () => {
  fc.assert(
    fc.property(roughText, (text) => {
      const types = ["EMAIL", "SSN", "CREDIT_CARD", "IP", "API_KEY", "PASSWORD"];
      expect(scan(redactText(text, { types }).text, { types })).toEqual([]);
    }),
  );
});

test("JSON that was redacted stays as it is", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.dictionary(fc.constantFrom("password", "api_key", "text", "a@b.org"), roughText),
      (some, texts) => {
        const once = redactJson({ some: asJson(some), texts }).value;
        expect(redactJson(once)).toEqual({ value: once, found: {}, flagged: {} });
      },
    ),
    { numRuns: 500 },
  );
});

test("every surface is the text between its offsets, and untouched entities keep theirs", () => {
  fc.assert(
    fc.property(roughText, fc.nat(), fc.nat(), (text, one, two) => {
      const points = Array.from(text);
      const [start = 0, end = 0] = [one % (points.length + 1), two % (points.length + 1)].toSorted((a, b) => a - b);
      const before = { start, end, surface: points.slice(start, end).join("") };
      const { entities, text: redacted, spans } = redactWithSpans(text, [before]);
      const [after = before] = entities;
      expect(Array.from(redacted).slice(after.start, after.end).join("")).toBe(after.surface);
      const touched = spans.some((span) => span.start < end && span.end > start);
      if (!touched && start < end) expect(after.surface).toBe(before.surface);
    }),
  );
});

function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
