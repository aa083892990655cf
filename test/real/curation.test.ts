import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { csv } from "../../packages/core/src/files/csv.ts";
import { bytesSource, readEverything } from "../../packages/core/src/files/test-sources.ts";
import { resolvePacks } from "../../packages/core/src/packs/load.ts";
import { compileEnrichment, compileTermCount } from "../../packages/core/src/quality/enrich.ts";
import { scoreExample } from "../../packages/core/src/quality/tier.ts";
import { checkExample, compileRules, refusalOf } from "../../packages/core/src/rules/run.ts";
import type { NewExample } from "../../packages/core/src/schema/example.ts";
import { dataSet } from "./data-folder.ts";

const [banking77, gsm8k, gpteacher] = [dataSet("banking77"), dataSet("gsm8k_train"), dataSet("gpteacher_code_roleplay")];

test.skipIf(banking77 === undefined)(
  "banking77: an intent alone makes 10,003 good examples (skipped where TILTH_DATA lacks banking77)",
  async () => {
    const { values } = await readEverything(csv, bytesSource(read(banking77, "train.csv")));
    const examples = values.map((row): NewExample => {
      const { text, category } = row as { readonly text: string; readonly category: string };
      return { kind: "classification", text, labels: { intent: category }, entities: [] };
    });
    expect(examples).toHaveLength(10_003);
    expect(curate(examples, "intents").byRule).toEqual({});
  },
);

test.skipIf(gsm8k === undefined)(
  "gsm8k: none of 7,473 solutions is refused, no rule flags 1 % (skipped where TILTH_DATA lacks gsm8k_train)",
  () => {
    const examples = read(gsm8k, "train.jsonl")
      .trim()
      .split("\n")
      .map((line) => {
        const { question, answer } = JSON.parse(line) as { readonly question: string; readonly answer: string };
        return chat(question, answer);
      });
    const { refused, byRule, tiers } = curate(examples, "assistant");
    expect(examples).toHaveLength(7_473);
    expect(refused).toBe(0);
    for (const [rule, count] of Object.entries(byRule)) expect(count, rule).toBeLessThan(75);
    expect((tiers["unverified"] ?? 0) + (tiers["gold"] ?? 0)).toBeLessThan(75);
  },
);

test.skipIf(gpteacher === undefined)(
  "roleplay and code: under 1 % look broken (skipped where TILTH_DATA lacks gpteacher_code_roleplay)",
  () => {
    for (const file of ["roleplay_teknium.json", "codegen-instruct.json"]) {
      const rows = JSON.parse(read(gpteacher, file)) as readonly {
        readonly instruction: string;
        readonly input: string;
        readonly response: string;
      }[];
      const examples = rows.map(({ instruction, input, response }) => chat(`${instruction}\n${input}`, response));
      const { refused, byRule } = curate(examples, "assistant");
      expect(refused, file).toBe(0);
      for (const rule of ["truncated", "repetition", "encoding", "code-invalid", "prompt-echo", "refusal"]) {
        expect((byRule[rule] ?? 0) / rows.length, `${file} ${rule}`).toBeLessThan(0.01);
      }
    }
  },
);

function read(folder: string | undefined, file: string): string {
  return readFileSync(join(folder ?? "", file), "utf8");
}

function chat(prompt: string, reply: string): NewExample {
  return {
    kind: "chat",
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: reply },
    ],
  };
}

/** What intake does with each example, in its order. */
function curate(examples: readonly NewExample[], packName: string) {
  const { pack } = resolvePacks([packName]);
  const enrich = compileEnrichment(pack);
  const countTerms = compileTermCount(pack);
  const checks = compileRules(pack, countTerms === undefined ? {} : { countTerms });
  const byRule: Record<string, number> = {};
  const tiers: Record<string, number> = {};
  let refused = 0;
  for (const example of examples) {
    const enriched = { ...example, ...enrich(example) };
    const findings = checkExample(enriched, checks);
    if (refusalOf(findings, checks) !== undefined) refused++;
    for (const rule of new Set(findings.map((finding) => finding.rule))) byRule[rule] = (byRule[rule] ?? 0) + 1;
    const { tier } = scoreExample(enriched, findings, pack);
    tiers[tier] = (tiers[tier] ?? 0) + 1;
  }
  return { refused, byRule, tiers };
}
