import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import type { Finding, Severity } from "../schema/finding.ts";
import { scoreExample, tierOf } from "./tier.ts";

function chat(reply: string, more: object = {}): NewExample {
  return {
    kind: "chat",
    messages: [
      { role: "user", content: "How?" },
      { role: "assistant", content: reply },
    ],
    ...more,
  };
}

function found(rule: string, severity: Severity = "warning"): Finding {
  return { rule, severity, message: "", at: "" };
}

describe("document 3's factors", () => {
  test("a plain short answer has the base score", () => {
    expect(scoreExample(chat("So."), [], {})).toEqual({ score: 0.5, tier: "bronze", factors: { base: 0.5 } });
  });

  test("more than 200 characters add .10, more than 500 another .05", () => {
    expect(scoreExample(chat("x".repeat(200)), [], {}).score).toBe(0.5);
    expect(scoreExample(chat("x".repeat(201)), [], {}).score).toBe(0.6);
    expect(scoreExample(chat("x".repeat(501)), [], {}).factors).toEqual({ base: 0.5, length200: 0.1, length500: 0.05 });
    expect(scoreExample(chat("🎀".repeat(150)), [], {}).score).toBe(0.5);
  });

  test("a manual, escalated or distilled source adds .15, others nothing", () => {
    for (const sourceKind of ["manual", "escalation", "distillation"])
      expect(scoreExample(chat("So.", { sourceKind }), [], {}).score).toBe(0.65);
    expect(scoreExample(chat("So.", { sourceKind: "conversation" }), [], {}).score).toBe(0.5);
  });

  test("a preference adds .10, a code block .10 where the domain is code", () => {
    const preference: NewExample = {
      kind: "preference",
      prompt: [{ role: "user", content: "2+2?" }],
      chosen: [{ role: "assistant", content: "4" }],
      rejected: [{ role: "assistant", content: "5" }],
    };
    expect(scoreExample(preference, [], {}).factors).toEqual({ base: 0.5, preference: 0.1 });
    expect(scoreExample(chat("```\nx\n```", { domain: "code" }), [], {}).score).toBe(0.6);
    expect(scoreExample(chat("```\nx\n```", { domain: "creative" }), [], {}).score).toBe(0.5);
    expect(scoreExample(chat("no block", { domain: "code" }), [], {}).score).toBe(0.5);
  });

  test("everything together is gold, to the last digit", () => {
    const best = chat(`\`\`\`\n${"x".repeat(600)}\n\`\`\``, { domain: "code", sourceKind: "escalation" });
    expect(scoreExample(best, [], {})).toMatchObject({ score: 0.9, tier: "gold" });
  });
});

describe("findings", () => {
  test("warnings take .10 each up to the cap of the pack; errors and remarks nothing", () => {
    const warnings = Array.from({ length: 4 }, (_, index) => found(`rule-${index}`));
    expect(scoreExample(chat("So."), warnings.slice(0, 2), {}).score).toBe(0.3);
    expect(scoreExample(chat("So."), warnings, {}).factors).toEqual({ base: 0.5, warnings: -0.3 });
    expect(scoreExample(chat("So."), warnings, { tier: { warningCap: 0.15 } }).factors).toEqual({ base: 0.5, warnings: -0.15 });
    expect(scoreExample(chat("So."), warnings, { tier: { warningCap: "none" } }).factors).toEqual({ base: 0.5, warnings: -0.4 });
    expect(scoreExample(chat("So."), [found("a", "error"), found("b", "info")], {}).score).toBe(0.5);
  });

  test("repetition and truncation have their own price and are no warnings too", () => {
    expect(scoreExample(chat("So."), [found("repetition")], {})).toEqual({
      score: 0.2,
      tier: "unverified",
      factors: { base: 0.5, repetition: -0.3 },
    });
    expect(scoreExample(chat("So."), [found("truncated"), found("truncated")], {}).factors).toEqual({ base: 0.5, truncated: -0.15 });
  });

  test("the score ends at 0, the factors tell how far below it was", () => {
    const many = [found("repetition"), found("truncated"), ...Array.from({ length: 3 }, () => found("x"))];
    expect(scoreExample(chat("So."), many, {})).toEqual({
      score: 0,
      tier: "unverified",
      factors: { base: 0.5, repetition: -0.3, truncated: -0.15, warnings: -0.3 },
    });
  });
});

test.each([
  [1, "gold"],
  [0.8, "gold"],
  [0.79, "silver"],
  [0.6, "silver"],
  [0.59, "bronze"],
  [0.4, "bronze"],
  [0.39, "unverified"],
  [0, "unverified"],
] as const)("%d is %s", (score, tier) => {
  expect(tierOf(score)).toBe(tier);
});

test("the factors sum to the score before it is clipped", () => {
  const findings = fc.array(
    fc.constantFrom(found("repetition"), found("truncated"), found("too-short"), found("json-invalid"), found("refusal", "info")),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(fc.nat(700), fc.boolean(), findings, (length, trusted, list) => {
      const { score, factors } = scoreExample(chat("x".repeat(length), trusted ? { sourceKind: "manual" } : {}), list, {});
      const sum = Object.values(factors).reduce((total, points) => total + points, 0);
      expect(score).toBeCloseTo(Math.min(1, Math.max(0, sum)), 9);
    }),
  );
});
