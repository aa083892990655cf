import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { resolvePacks } from "./load.ts";
import { packs } from "./shipped.ts";

test("lists every YAML file beside it, in a file of its own name", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".yaml"));
  expect(packs.map(({ name }) => `${name}.yaml`).toSorted()).toEqual(files.toSorted());
  for (const { name, file } of packs) expect(file.pathname.endsWith(`/${name}.yaml`)).toBe(true);
});

test.each(packs.map((pack) => [pack.name, pack] as const))("%s is valid and names its document in the first line", (name, { file }) => {
  expect(() => resolvePacks([name])).not.toThrow();
  expect(readFileSync(file, "utf8").split("\n")[0]).toMatch(/^# .*: document [1-5], /);
});

describe("the documents' values", () => {
  const pack = (name: string) => resolvePacks([name]).pack;

  test("document 1: freshness, quality, automation, files, target shares", () => {
    expect(pack("social")).toMatchObject({
      types: ["gm", "insight", "casual", "reply"],
      freshness: {
        thresholds: { gm: 0.65, insight: 0.8, casual: 0.7, reply: 0.75 },
        weights: { jaccard: 0.3, phrase: 0.4, semantic: 0.3 },
        check_interval_days: 7,
        min_samples: 30,
        goal: 0.85,
      },
      quality: { min_score: 0.6, archive_threshold: 0.5, weights: { engagement: 0.4, freshness: 0.3, diversity: 0.2, recency: 0.1 } },
      automation: {
        auto_add_successful: true,
        auto_archive_old: true,
        min_auto_add_likes: 100,
        max_sample_age_days: 180,
        auto_archive: { min_quality_score: 0.6, min_freshness: 0.5, max_age_days: 90 },
      },
      collections: {
        gm: { file: "gm_posts.json", minimum: 50 },
        insight: { file: "codatta_insights.json", minimum: 60 },
        casual: { file: "casual_posts.json", minimum: 30 },
        reply: { file: "interactions.json", minimum: 40 },
        archived: { file: "archived_samples.json" },
      },
      targets: { topic: { casual: 0.2, milady: 0.15 } },
    });
  });

  test("document 2: an intent is required, a sentiment is not; the gate before training", () => {
    expect(pack("intents")).toMatchObject({ rules: { "missing-label": { required: ["intent"] } }, training: { minQuality: 0.8 } });
  });

  test("document 3: prompt, sources, domains, and warnings without a limit", () => {
    const { systemPrompt, sources, domains, tier, rules } = pack("assistant");
    expect(systemPrompt).toBe("You are SAM, a helpful AI assistant.");
    expect(sources).toMatchObject({
      claude_capture: "escalation",
      user_correction: "correction",
      user_preference: "preference",
      distillation: "distillation",
      feedback: "rating",
    });
    expect(domains?.map(({ match, keywords }) => [match, Object.keys(keywords)])).toEqual([
      ["word", ["code", "reasoning", "creative", "factual", "planning", "conversation"]],
    ]);
    expect(tier).toEqual({ warningCap: "none" });
    expect(rules).toMatchObject({ "too-long": { maxLength: 32_000 }, repetition: { maxShare: 0.3 } });
  });

  test("document 4: prompt, sources, 22 terms, 15 tags, filters and counts", () => {
    const { systemPrompt, sources, relevance, tags, filters, training } = pack("roofing");
    expect(systemPrompt).toBe("You are an expert roofing and waterproofing assistant.");
    expect(sources).toMatchObject({
      chat_interaction: "conversation",
      production_query: "conversation",
      user_correction: "correction",
      verified_correction: "correction",
      rfi_generation: "document",
      verified_calculation: "calculation",
      spec_interpretation: "interpretation",
      detail_decision: "detail",
    });
    expect(relevance).toMatchObject({ high: 5, medium: 2, tables: [{ match: "substring" }] });
    expect(relevance?.tables?.[0]?.terms).toHaveLength(22);
    expect(relevance?.tables?.[0]?.terms).toContain("07 ");
    expect(tags?.map(({ match, patterns }) => [match, Object.keys(patterns).length])).toEqual([["substring", 15]]);
    expect(tags?.[0]?.patterns["mod-bit"]).toEqual(["modified", "mod bit", "sbs", "app"]);
    expect(filters).toEqual({
      min_prompt_length: 10,
      min_response_length: 50,
      required_relevance: "medium",
      exclude_sources: ["error", "timeout"],
    });
    expect(training).toEqual({ minExamples: 100, triggerExamples: 500, goalExamples: 2_000 });
  });

  test("document 5: which extractions are trained on, how many, and when a new model may take over", () => {
    expect(pack("insights")).toMatchObject({
      filters: { minQualityScore: 7, netLikesAbove: 0, minShownTo: 10 },
      training: { minExamples: 500, goalExamples: 1_000, migrationShare: 0.9 },
    });
  });
});
