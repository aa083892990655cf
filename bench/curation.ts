// What the packs and rules cost for each record of an import: enrichment, checks and score of chats of about 480 characters.
//
//   node bench/curation.ts
import { cpus } from "node:os";
import { resolvePacks } from "../packages/core/src/packs/load.ts";
import { compileEnrichment, compileTermCount } from "../packages/core/src/quality/enrich.ts";
import { scoreExample } from "../packages/core/src/quality/tier.ts";
import { checkExample, compileRules } from "../packages/core/src/rules/run.ts";
import type { NewExample } from "../packages/core/src/schema/example.ts";

const RECORDS = 20_000;
const ROUNDS = 7;

const { pack } = resolvePacks(["assistant", "roofing"]);
const countTerms = compileTermCount(pack);
const enrich = compileEnrichment(pack);
const checks = compileRules(pack, countTerms === undefined ? {} : { countTerms });

const examples = Array.from({ length: RECORDS }, (_, index) => chatOf(index));
const enriched = examples.map((example) => ({ ...example, ...enrich(example) }));
const findings = enriched.map((example) => checkExample(example, checks));

console.log(`${cpus()[0]?.model ?? "?"}, Node ${process.version}; ${RECORDS} chats, ${checks.checks.length} rules`);
report("enrich", () => examples.forEach((example) => enrich(example)));
report("check", () => enriched.forEach((example) => checkExample(example, checks)));
report("score", () => enriched.forEach((example, index) => scoreExample(example, findings[index] ?? [], pack)));

/** The median of several rounds; the first warms up and does not count. */
function report(name: string, run: () => void): void {
  const times = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).slice(1);
  const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  console.log(`${name.padEnd(7)} ${((median * 1_000) / RECORDS).toFixed(1)} µs a record`);
}

function chatOf(index: number): NewExample {
  const question = `${index}: could you please tell me what the report says about the weather in spring, and who wrote it after we met at the station? `;
  const answer =
    "The report was written by the crew on Monday morning, while the others had gone home to their families. It says that the spring was wetter than usual, that every drain was checked by hand, and that nobody had to wait for the paper work, since it is done in the evening. The next one comes out on the first dry day of the month, says the office,";
  return {
    kind: "chat",
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: `${answer} number ${index}.` },
    ],
    source: "chat_interaction",
  };
}
