// What the main thread of an import costs for each row, stage by stage, and all stages together as the door runs them; CPU time, with the
// same records read by bare JSON.parse as the measure. The chats of bench/import.ts, in batches of 1,000 as the import has them.
// usage: npm run bench door -- [rows=60000] [rounds=5]
import { cpus } from "node:os";
import { jsonl } from "../packages/core/src/files/jsonl.ts";
import { streamSource } from "../packages/core/src/files/source.ts";
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
import { entryToRow } from "../packages/core/src/schema/row.ts";
import { packRows } from "../packages/core/src/storage/sqlite-pack.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";
import { chatRecords } from "./chat-records.ts";

const rows = Number(process.argv[2] ?? 60_000);
const rounds = Number(process.argv[3] ?? 5);
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
const kept = {
  rev: 1,
  source: "import",
  groupKey: "bench",
  importId: undefined,
  weight: 1,
  reviewStatus: "pending",
  lifecycle: "active",
  includeInTraining: true,
  wasCorrected: false,
  validated: false,
  createdBy: "user:bench",
  metadata: {},
} as const;
const arrival = { actor: "user:bench", importId: options.newId(), defaults: {}, sourceIdIsIdentity: false, remarks: [] };

console.log(
  `${rows.toLocaleString("en-US")} chat records of ${Math.round(bytes.length / rows)} bytes, the mean of ${rounds} rounds; ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}`,
);
const spent = new Map<string, number>();
await measureRound();
spent.clear();
for (let round = 0; round < rounds; round++) await measureRound();
const bare = perRow("bare JSON.parse");
for (const name of spent.keys()) {
  console.log(
    `${name.padEnd(28)} ${perRow(name).toFixed(2).padStart(6)} µs a row  ${(perRow(name) / bare).toFixed(1).padStart(5)} × JSON.parse`,
  );
}

async function measureRound(): Promise<void> {
  stage("bare JSON.parse", () => lines.forEach((line) => JSON.parse(line)));
  let start = process.threadCpuUsage();
  for await (const batch of jsonl.read(streamSource("bench", chunks()), {})) {
    add("parse", start);
    const values = batch.records.flatMap((record) => ("value" in record ? [record.value] : []));
    const readings = stage("read", () => values.map((value) => openaiChat.read?.(value, { fileKind: "jsonl" })));
    const examples = readings.flatMap((reading) => (reading !== undefined && "examples" in reading ? reading.examples : []));
    const cleaned = stage("mend and redact", () => examples.map((example) => cleanExample(example, options)));
    const enriched = stage("enrich", () => cleaned.map(({ example }) => ({ ...example, ...options.enrich(example) })));
    const findings = stage("rules", () => enriched.map((example) => checkExample(example, options.checks)));
    const qualities = stage("score", () => enriched.map((example, index) => scoreExample(example, findings[index] ?? [], packs.pack)));
    const identities = stage("hash", () => enriched.map((example) => identityOf(example)));
    const nowMs = Date.now();
    stage("row, with its id", () =>
      enriched.map((example, index) => {
        const [quality, identity] = [qualities[index], identities[index]];
        if (quality === undefined || identity === undefined) throw new Error("a stage lost a row");
        return entryToRow(example, {
          ...kept,
          ...identity,
          id: options.newId(),
          quality,
          sourceKind: example.sourceKind,
          domain: example.domain,
          tags: example.tags,
          createdAtMs: nowMs,
          updatedAtMs: nowMs,
        });
      }),
    );
    const passages = stage("the door: mend to row", () => examples.map((example) => door(example, arrival)));
    const passed = passages.flatMap((passage) => ("row" in passage ? [passage.row] : []));
    if (passed.length !== values.length) throw new Error(`${passed.length} of ${values.length} rows passed`);
    stage("pack", () => packRows(passed));
    start = process.threadCpuUsage();
  }
}

function stage<T>(name: string, work: () => T): T {
  const start = process.threadCpuUsage();
  const result = work();
  add(name, start);
  return result;
}

function add(name: string, start: NodeJS.CpuUsage): void {
  const { user, system } = process.threadCpuUsage(start);
  spent.set(name, (spent.get(name) ?? 0) + user + system);
}

function perRow(name: string): number {
  return (spent.get(name) ?? Number.NaN) / (rows * rounds);
}

async function* chunks(): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 1 << 20) yield bytes.subarray(from, from + (1 << 20));
}
