import { describe, expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import type { Pack } from "../schema/pack.ts";
import { compileEnrichment, compileTermCount, sourceKindOf } from "./enrich.ts";

const roofing: Pack = {
  sources: { rfi_generation: "document" },
  relevance: { high: 5, medium: 2, tables: [{ match: "substring", terms: ["roof", "flashing", "spec", "07 ", "parapet"] }] },
  tags: [{ match: "substring", patterns: { insulation: ["iso"], flashing: ["flashing", "flash"], specs: ["spec", "07 "] } }],
};
const assistant: Pack = {
  domains: [
    {
      match: "word",
      keywords: { code: ["code", "function", "class", "python"], reasoning: ["explain", "why"], conversation: ["hi", "hello"] },
    },
  ],
};
const social: Pack = { posts: { shortMaxWords: 12, mediumMaxWords: 30 } };

function chat(prompt: string, response: string, more: object = {}): NewExample {
  return {
    kind: "chat",
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: response },
    ],
    ...more,
  };
}

describe("relevance and tags", () => {
  const enrich = compileEnrichment(roofing);

  test("document 4's base flashing example is relevant and tagged", () => {
    const example = chat(
      "What's the minimum base flashing height per code?",
      "Per IBC and most manufacturer requirements, base flashing must extend minimum 8 inches above the roof surface. Some specs require more - always check 07 62 00 for project-specific requirements. At parapets, terminate into reglet or under counter flashing.",
    );
    expect(enrich(example)).toMatchObject({ relevance: "high", tags: ["flashing", "specs"] });
  });

  test("two terms make it medium, fewer low, and no tag is general", () => {
    expect(enrich(chat("a roof", "a parapet"))).toMatchObject({ relevance: "medium", tags: ["general"] });
    expect(enrich(chat("a roof", "another roof"))).toMatchObject({ relevance: "low" });
  });

  test("a part of a word counts, as in document 4's code", () => {
    expect(enrich(chat("Is it isolated?", "Yes."))).toMatchObject({ tags: ["insulation"] });
  });

  test("a term may begin in the prompt and end in the response", () => {
    expect(enrich(chat("Section 07", "62 00"))).toMatchObject({ tags: ["specs"] });
  });

  test("the system prompt does not make every example relevant", () => {
    const messages = [
      { role: "system", content: "You know roof, flashing, spec and parapet." } as const,
      { role: "user", content: "Who are you?" } as const,
      { role: "assistant", content: "A model." } as const,
    ];
    expect(enrich({ kind: "chat", messages })).toMatchObject({ relevance: "low", tags: ["general"] });
  });

  test("without a pack that has terms and patterns there is neither relevance nor a tag", () => {
    const enrichment = compileEnrichment(assistant)(chat("a roof", "a parapet"));
    expect(enrichment.tags).toEqual([]);
    expect(enrichment).not.toHaveProperty("relevance");
  });

  test("what the source said stays", () => {
    expect(enrich(chat("hi", "ho", { relevance: "high", tags: ["seams"] }))).toMatchObject({ relevance: "high", tags: ["seams"] });
    expect(enrich(chat("a spec", "ho", { tags: [] }))).toMatchObject({ tags: ["specs"] });
  });
});

describe("domain", () => {
  const enrich = compileEnrichment(assistant);

  test("most different keywords win, ties go to the first in the table", () => {
    expect(enrich(chat("Explain why", "a python class and function")).domain).toBe("code");
    expect(enrich(chat("Explain", "the code")).domain).toBe("code");
  });

  test("whole words only", () => {
    expect(enrich(chat("this classifies", "nothing")).domain).toBe("general");
  });

  test("several tables of a domain add up", () => {
    const more: Pack = { domains: [...(assistant.domains ?? []), { match: "substring", keywords: { reasoning: ["because"] } }] };
    expect(compileEnrichment(more)(chat("explain the code", "because")).domain).toBe("reasoning");
  });

  test("is general without a table, and what the source said with one", () => {
    expect(compileEnrichment({})(chat("python", "code")).domain).toBe("general");
    expect(enrich(chat("python", "code", { domain: "creative" })).domain).toBe("creative");
  });
});

describe("posts", () => {
  const enrich = compileEnrichment(social);

  test("have a style by their words and document 1's features", () => {
    expect(enrich({ kind: "text", text: "gm to data contributors who deserve equity 🎀 @codatta_io" })).toMatchObject({
      style: "short",
      features: { has_emoji: true, emoji_list: ["🎀"], has_mentions: true, mention_list: ["@codatta_io"] },
    });
    expect(enrich({ kind: "text", text: "word ".repeat(13) }).style).toBe("medium");
    expect(enrich({ kind: "text", text: "word ".repeat(31) }).style).toBe("long");
  });

  test("keep what was given and add what was not", () => {
    const { style, features } = enrich({ kind: "text", text: "gm", style: "long", features: { has_emoji: true, tone: "critical" } });
    expect(style).toBe("long");
    expect(features).toMatchObject({ has_emoji: true, tone: "critical", word_count: 1 });
  });

  test("only texts are posts, and only where a pack says so", () => {
    expect(enrich(chat("gm", "gm"))).not.toHaveProperty("style");
    expect(compileEnrichment({})({ kind: "text", text: "gm" })).not.toHaveProperty("features");
  });
});

test("a word for a source means what the packs say, else itself, else an import", () => {
  expect(sourceKindOf("rfi_generation", roofing)).toBe("document");
  expect(sourceKindOf("correction", roofing)).toBe("correction");
  expect(sourceKindOf("whatever", roofing)).toBe("import");
  expect(sourceKindOf("constructor", roofing)).toBe("import");
  expect(sourceKindOf(undefined, roofing)).toBe("import");
  expect(compileEnrichment(roofing)(chat("a", "b", { source: "rfi_generation" })).sourceKind).toBe("document");
  expect(compileEnrichment(roofing)(chat("a", "b", { source: "rfi_generation", sourceKind: "manual" })).sourceKind).toBe("manual");
});

test("rules can ask how many terms of the subject a text has, where there is a subject", () => {
  expect(compileTermCount(roofing)?.("Roof and parapet, roof")).toBe(2);
  expect(compileTermCount(assistant)).toBeUndefined();
});
