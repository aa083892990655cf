import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import { TilthError } from "../errors.ts";
import { rules } from "./list.ts";
import type { Rule } from "./rule.ts";
import { arbitraryContent } from "../schema/example.arbitrary.ts";
import { checkExample, compileRules, refusalOf, rulesVersion } from "./run.ts";

const example: NewExample = { kind: "text", text: "a secret sentence", metadata: {} };
const remarking: Rule = {
  name: "remarking",
  severity: "warning",
  defaults: { limit: 3 },
  check: (_, { thresholds }) => [{ message: `over ${JSON.stringify(thresholds["limit"])}`, at: "/text" }],
};
const breaking: Rule = {
  name: "breaking",
  severity: "info",
  check() {
    throw new TypeError("cannot read 'a secret sentence'");
  },
};

test("adds the rule and its severity to a remark, unless the remark is graver", () => {
  const grave: Rule = { name: "grave", severity: "info", check: () => [{ message: "x", at: "", severity: "error" }] };
  expect(checkExample(example, compileRules({}, { rules: [remarking, grave] }))).toEqual([
    { rule: "remarking", severity: "warning", message: "over 3", at: "/text" },
    { rule: "grave", severity: "error", message: "x", at: "" },
  ]);
});

test("an example that is fine has no findings", () => {
  expect(checkExample(example, compileRules({}))).toEqual([]);
});

describe("thresholds", () => {
  const message = (pack: Parameters<typeof compileRules>[0]) =>
    checkExample(example, compileRules(pack, { rules: [remarking] }))[0]?.message;

  test("a pack's stand over the rule's own, and false switches the rule off", () => {
    expect(message({ rules: { remarking: { limit: 7 } } })).toBe("over 7");
    expect(message({ rules: { remarking: false } })).toBeUndefined();
  });

  test("a rule sees the filters of the pack under its own thresholds", () => {
    const filtering: Rule = { ...remarking, check: (_, { thresholds }) => [{ message: JSON.stringify(thresholds), at: "" }] };
    const checks = compileRules({ filters: { min_prompt_length: 10 }, rules: { remarking: { limit: 4 } } }, { rules: [filtering] });
    expect(checkExample(example, checks)[0]?.message).toBe('{"limit":4,"min_prompt_length":10}');
  });

  test("a name that no rule and a threshold that the rule does not have are refused with the nearest", () => {
    expect(() => compileRules({ rules: { "too-lnog": { maxLength: 1 } } })).toThrow("The nearest is too-long.");
    expect(() => compileRules({ rules: { "too-long": { max_length: 1 } } })).toThrow("The nearest is maxLength.");
  });
});

test("a rule that throws is named with the place, and nothing of the example is told", () => {
  const checks = compileRules({}, { rules: [breaking] });
  const error = caught(() => checkExample(example, checks));
  expect(error).toBeInstanceOf(TilthError);
  expect(error).toMatchObject({ code: "rule/failed", details: { rule: "breaking" } });
  expect(String(error)).toMatch(/TypeError at .*run\.test\.ts:\d+/);
  expect(JSON.stringify({ error, message: String(error), cause: String((error as Error).cause) })).not.toContain("secret");
});

test("a finding refuses an example only where its rule does", () => {
  const checks = compileRules({ rules: { "missing-label": { required: ["intent"] } } });
  const unlabelled = checkExample({ kind: "classification", text: "hello", labels: {}, entities: [] }, checks);
  expect(unlabelled).toMatchObject([{ rule: "missing-label", severity: "error" }]);
  expect(refusalOf(unlabelled, checks)).toBeUndefined();
  const empty = checkExample({ kind: "text", text: "" }, checks);
  expect(refusalOf(empty, checks)).toMatchObject({ rule: "empty-text" });
});

test("hands what redaction found to the rules", () => {
  const counting: Rule = {
    name: "counting",
    severity: "info",
    check: (_, { redacted }) => (redacted === undefined ? [] : [{ message: `${redacted["EMAIL"] ?? 0}`, at: "" }]),
  };
  const checks = compileRules({}, { rules: [counting] });
  expect(checkExample(example, checks)).toEqual([]);
  expect(checkExample(example, checks, {})).toEqual([]);
  expect(checkExample(example, checks, { EMAIL: 2 })).toMatchObject([{ message: "2" }]);
});

test("what rules share of one example is not taken for that of the next", () => {
  const checks = compileRules({});
  const loop = fc.constantFrom("I am sorry. ".repeat(10), "A plain answer to what was asked.", "cafÃ©", "");
  const chat = fc.tuple(loop, loop).map(([question, answer]): NewExample => ({
    kind: "chat",
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
  }));
  fc.assert(
    fc.property(fc.array(fc.oneof(chat, arbitraryContent()), { maxLength: 5 }), (examples) => {
      for (const each of examples) {
        const alone = checks.checks.flatMap(({ rule, context: { thresholds } }) =>
          rule.check(each, { thresholds }).map((remark) => ({ rule: rule.name, severity: rule.severity, ...remark })),
        );
        expect(checkExample(each, checks)).toEqual(alone);
      }
    }),
  );
});

describe("the shipped rules", () => {
  test("have a name of their own each", () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  test("have a version that changes with their list and their thresholds", () => {
    expect(rulesVersion).toMatch(/^\d+-[0-9a-f]{8}$/);
    expect(compileRules({}).version).toBe(rulesVersion);
    expect(compileRules({}, { rules: rules.slice(1) }).version).not.toBe(rulesVersion);
  });

  test("have nothing to say about good examples of every kind with nothing else known", () => {
    const user = { role: "user", content: "Which city is the capital of France today?" } as const;
    const answer = (content: string) => [{ role: "assistant", content } as const];
    const reply = "The capital of France is the city of Paris, on the river Seine.";
    const good: readonly NewExample[] = [
      { kind: "chat", messages: [user, ...answer(reply)] },
      {
        kind: "preference",
        prompt: [user],
        chosen: answer(reply),
        rejected: answer("It should be Lyon, as far as anybody here can tell."),
      },
      { kind: "rating", prompt: [user], completion: answer(reply), label: true },
      { kind: "text", text: "gm to everyone building 💙" },
      {
        kind: "classification",
        text: "I lost my card in Paris",
        labels: { intent: "lost_card" },
        entities: [{ label: "city", start: 18, end: 23, surface: "Paris" }],
      },
      {
        kind: "extraction",
        document: { content: "Buffett bought more." },
        items: [{ id: "1", text: "He bought more", category: "trend" }],
      },
      { kind: "steps", prompt: "2 + 2?", steps: [{ text: "2 + 2 = 4", correct: true }] },
    ];
    for (const each of good) expect(checkExample(each, compileRules({}))).toEqual([]);
  });
});

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
