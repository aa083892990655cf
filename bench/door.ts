// What the main thread of an import costs for each row, stage by stage, and all stages together as the door runs them; CPU time, with the
// same records read by bare JSON.parse as the measure. The chats of bench/import.ts, in batches of 1,000 as the import has them.
// usage: npm run bench door -- [rows=60000] [rounds=3]
import { cpus } from "node:os";
import { jsonl } from "../packages/core/src/files/jsonl.ts";
import { streamSource } from "../packages/core/src/files/source.ts";
import type { Reading } from "../packages/core/src/formats/format.ts";
import { openaiChat } from "../packages/core/src/formats/openai-chat.ts";
import { cleanExample } from "../packages/core/src/intake/clean.ts";
import { createDoor } from "../packages/core/src/intake/door.ts";
import { resolvePacks } from "../packages/core/src/packs/load.ts";
import { createPseudonyms } from "../packages/core/src/privacy/pseudonym.ts";
import { createRedactor } from "../packages/core/src/privacy/redactor.ts";
import { compileEnrichment } from "../packages/core/src/quality/enrich.ts";
import { scoreExample } from "../packages/core/src/quality/tier.ts";
import { checkExample, compileRules } from "../packages/core/src/rules/run.ts";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { exampleToRow } from "../packages/core/src/schema/row.ts";
import { packRows } from "../packages/core/src/storage/sqlite-pack.ts";
import { toHex } from "../packages/core/src/text/hash.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";
import { chatRecords } from "./chat-records.ts";

const rows = Number(process.argv[2] ?? 60_000);
const rounds = Number(process.argv[3] ?? 3);
const lines = Array.from(chatRecords(rows, 1), (record) => JSON.stringify(record));
const bytes = Buffer.from(`${lines.join("\n")}\n`);

const packs = resolvePacks(["assistant"]);
const options = {
  packs,
  redactor: createRedactor(),
  checks: compileRules(packs.pack),
  enrich: compileEnrichment(packs.pack),
  pseudonym: createPseudonyms(Buffer.alloc(32, 1)),
  newId: createUlids(systemClock, systemRandom),
  clock: systemClock,
};
const door = createDoor(options);
const arrival = { actor: "user:bench", importId: options.newId(), defaults: {}, sourceIdIsIdentity: false, remarks: [] };

console.log(`${rows.toLocaleString("en-US")} chat records of ${Math.round(bytes.length / rows)} bytes, ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}; the best of ${rounds} rounds`);
const best = new Map<string, number>();
for (let round = 0; round <= rounds; round++) {
  // The first round warms up.
  for (const [stage, spent] of await measureRound()) if (round > 0) best.set(stage, Math.min(spent, best.get(stage) ?? Infinity));
}
const parse = best.get("bare JSON.parse") ?? Number.NaN;
for (const [stage, spent] of best) console.log(`${stage.padEnd(30)} ${spent.toFixed(2).padStart(6)} µs a row  ${(spent / parse).toFixed(1).padStart(5)} × JSON.parse`);

/** µs of CPU a row by stage. */
async function measureRound(): Promise<ReadonlyMap<string, number>> {
  const spent = new Map<string, number>();
  const stage = <T>(name: string, work: () => T): T => {
    const start = process.threadCpuUsage();
    const result = work();
    const { user, system } = process.threadCpuUsage(start);
    spent.set(name, (spent.get(name) ?? 0) + (user + system) / rows);
    return result;
  };
  for (let from = 0; from < rows; from += 1_000) {
    const some = lines.slice(from, from + 1_000);
    stage("bare JSON.parse", () => some.map((line): unknown => JSON.parse(line)));
  }
  let sum = 0;
  const start = process.threadCpuUsage();
  for await (const batch of jsonl.read(streamSource("bench", chunks()), {})) {
    const values = batch.records.flatMap((record) => ("value" in record ? [record.value] : []));
    stage("parse", () => 0);
    const read = stage("read", () => values.map((value) => openaiChat.read?.(value, { fileKind: "jsonl" })));
    const examples = read.flatMap((reading) => examplesOf(reading));
    const cleaned = stage("mend + redact", () => examples.map((example) => cleanExample(example, options)));
    const enriched = stage("enrich", () => cleaned.map(({ example }) => ({ ...example, ...options.enrich(example) })));
    const findings = stage("rules", () => enriched.map((example) => checkExample(example, options.checks)));
    const qualities = stage("score", () => enriched.map((example, i) => scoreExample(example, findings[i] ?? [], packs.pack)));
    const identities = stage("hash", () => enriched.map((example) => identityOf(example)));
    stage("row", () => enriched.map((example, i) => rowOf(example, qualities[i], identities[i])));
    const passed = stage("the whole door (mend … row)", () => examples.map((example) => door(example, arrival)));
    stage("pack", () => packRows(passed.flatMap((passage) => ("row" in passage ? [passage.row] : []))));
  }
  const { user, system } = process.threadCpuUsage(start);
  for (const [name, each] of spent) if (name !== "bare JSON.parse") sum += each;
  spent.set("parse", (user + system) / rows - sum);
  return spent;
}
