import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolvePacks } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-packs-"));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

test("later packs win, whatever order they are listed in", () => {
  expect(resolvePacks(["assistant", "roofing"]).pack.systemPrompt).toBe("You are an expert roofing and waterproofing assistant.");
  expect(resolvePacks(["roofing", "assistant"]).pack.systemPrompt).toBe("You are SAM, a helpful AI assistant.");
});

test("sources of all packs are known together", () => {
  expect(resolvePacks(["assistant", "roofing"]).pack.sources).toMatchObject({ claude_capture: "escalation", rfi_generation: "document" });
});

test("an own pack stands beside shipped ones, and its words match in their own way", () => {
  const own = file("own.yaml", "relevance: { tables: [{ match: word, terms: [slate] }] }\nfilters: { min_prompt_length: 5 }\n");
  const { pack } = resolvePacks(["roofing", own], { folder });
  expect(pack.relevance?.tables?.map(({ match, terms }) => [match, terms.length])).toEqual([
    ["substring", 22],
    ["word", 1],
  ]);
  expect(pack.filters).toMatchObject({ min_prompt_length: 5, min_response_length: 50 });
});

test("what tilth.yaml sets lies over all packs; keys that are none of a pack's are passed over", () => {
  const overrides = { packs: ["assistant"], storage: "postgres://db/tilth", systemPrompt: "You are kind.", tier: { warningCap: 0.2 } };
  const { pack } = resolvePacks(["assistant"], { overrides });
  expect(pack).toMatchObject({ systemPrompt: "You are kind.", tier: { warningCap: 0.2 } });
  expect(pack).not.toHaveProperty("storage");
});

test("no pack is an empty one", () => {
  expect(resolvePacks([]).pack).toEqual({});
});

describe("fingerprint", () => {
  test("is the same for the same result, however it came about", () => {
    const own = file("same.yaml", 'systemPrompt: "You are kind."\n');
    const written = resolvePacks(["assistant", own], { folder }).fingerprint;
    expect(resolvePacks(["assistant"], { overrides: { systemPrompt: "You are kind." } }).fingerprint).toBe(written);
    expect(written).toMatch(/^[0-9a-f]{64}$/);
  });

  test("differs with any value", () => {
    expect(resolvePacks(["assistant"]).fingerprint).not.toBe(
      resolvePacks(["assistant"], { overrides: { tier: { warningCap: 0.3 } } }).fingerprint,
    );
  });
});

describe("refuses", () => {
  test("a pack there is not, with the nearest", () => {
    expect(() => resolvePacks(["sozial"])).toThrow("There is no pack sozial. Did you mean social?");
    expect(() => resolvePacks(["banana"])).toThrow("Shipped are social, intents, assistant, roofing, insights");
    expect(() => resolvePacks(["missing.yaml"], { folder })).toThrow(/There is no pack missing\.yaml\. .*missing\.yaml cannot be read/);
  });

  test("an unknown key, with file, line and the nearest key", () => {
    const bad = file("bad.yaml", "types: [gm]\nquality:\n  min_score: 0.6\n  archive_treshold: 0.5\n");
    expect(() => resolvePacks([bad], { folder })).toThrow(
      /bad\.yaml, line 4: unknown key archive_treshold; the nearest is archive_threshold\./,
    );
  });

  test("a wrong value, with its path and line", () => {
    const bad = file(
      "value.yaml",
      "types: [gm]\n\ntags:\n  - match: word\n    patterns: { a: [b] }\n  - match: words\n    patterns: { a: [b] }\n",
    );
    expect(() => resolvePacks([bad], { folder })).toThrow(/value\.yaml, line 6: tags\.1\.match: /);
  });

  test("broken YAML, a key twice, and a tag nobody knows", () => {
    expect(() => resolvePacks([file("broken.yaml", "types: [gm\n")], { folder })).toThrow(/broken\.yaml, line \d: /);
    expect(() => resolvePacks([file("twice.yaml", "types: [gm]\ntypes: [reply]\n")], { folder })).toThrow(/twice\.yaml, line 2: .*unique/);
  });

  test("a bomb of aliases, endless nesting and huge files", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f"].map((key, i) => `${key}: &${key} [${`*${"abcde"[i]},`.repeat(9)}]`).join("\n")}\n`;
    expect(() => resolvePacks([file("bomb.yaml", bomb)], { folder })).toThrow(/bomb\.yaml, line 1: the file has too many aliases/);
    expect(() => resolvePacks([file("deep.yaml", "[".repeat(200_000))], { folder })).toThrow(/deep\.yaml, line \d+: /);
    expect(() => resolvePacks([file("huge.yaml", `# ${"x".repeat(1_000_001)}`)], { folder })).toThrow(/at most 1000000 are read/);
  });
});
