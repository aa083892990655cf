// Keywords of all shipped packs in one pass, against one `includes` for each keyword. Both in turns, on the same texts.
//
//   node bench/keywords.ts
import { cpus } from "node:os";
import { resolvePacks } from "../packages/core/src/packs/load.ts";
import { packs } from "../packages/core/src/packs/shipped.ts";
import { compileKeywords, type KeywordTable } from "../packages/core/src/text/keywords.ts";
import { words } from "../packages/core/src/text/words.ts";

const RECORDS = 20_000;
const ROUNDS = 7;

const { pack } = resolvePacks(packs.map(({ name }) => name));
const tables: readonly KeywordTable[] = [
  ...(pack.relevance?.tables ?? []).map(({ match, terms }) => tableOf(match, { terms })),
  ...(pack.tags ?? []).map(({ match, patterns }) => tableOf(match, patterns)),
  ...(pack.domains ?? []).map(({ match, keywords }) => tableOf(match, keywords)),
];
const keywords = tables.flatMap(({ groups }) => groups.flatMap((group) => group.keywords)).length;
const texts = Array.from({ length: RECORDS }, (_, index) => recordText(index));
const characters = texts.reduce((sum, text) => sum + text.length, 0);

const find = compileKeywords(tables);
const times: Readonly<Record<"automaton" | "includes", number[]>> = { automaton: [], includes: [] };
let check = 0;
for (let round = 0; round <= ROUNDS; round++) {
  const automaton = timed(() => texts.reduce((sum, text) => sum + total(find(text)), 0));
  const includes = timed(() => texts.reduce((sum, text) => sum + total(naive(text)), 0));
  if (automaton.result !== includes.result) throw new Error(`both must find the same: ${automaton.result} and ${includes.result}`);
  check = automaton.result;
  // The first round warms both up.
  if (round > 0) {
    times.automaton.push(automaton.ms);
    times.includes.push(includes.ms);
  }
}

const perRecord = (ms: number): string => `${((ms * 1_000) / RECORDS).toFixed(2)} µs`;
console.log(
  `${cpus()[0]?.model ?? "?"}, Node ${process.version}; ${RECORDS} records of ${Math.round(characters / RECORDS)} characters, ${keywords} keywords, ${check} hits`,
);
console.log(`one pass   ${perRecord(median(times.automaton))} a record, ${(characters / 1_000 / median(times.automaton)).toFixed(0)} MB/s`);
console.log(`includes() ${perRecord(median(times.includes))} a record`);
console.log(`ratio      ${(median(times.includes) / median(times.automaton)).toFixed(1)}`);

function tableOf(match: KeywordTable["match"], groups: Readonly<Record<string, readonly string[]>>): KeywordTable {
  return { match, groups: Object.entries(groups).map(([name, list]) => ({ name, keywords: list })) };
}

/** Document 4's own loop; for whole words the text is cut once and each phrase looked for in it. */
function naive(text: string): readonly (readonly number[])[] {
  const lower = text.toLowerCase();
  const cut = ` ${words(text).join(" ")} `;
  return tables.map(({ match, groups }) =>
    groups.map(
      (group) =>
        group.keywords.filter((keyword) => (match === "substring" ? lower.includes(keyword) : cut.includes(` ${keyword} `))).length,
    ),
  );
}

function total(hits: readonly (readonly number[])[]): number {
  return hits.reduce((sum, counts) => sum + counts.reduce((inner, count) => inner + count, 0), 0);
}

/** About 480 characters of everyday prose, the same in every run. */
function recordText(index: number): string {
  const stock =
    "please could you tell me what the report says about the weather in spring and who wrote it after we met at the station on monday morning with the code review and a plan for the roof drain while the others had gone home to their families".split(
      " ",
    );
  let state = index + 1;
  let text = "";
  while (text.length < 475) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += `${stock[state % stock.length] ?? ""} `;
  }
  return text;
}

function timed<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const start = performance.now();
  const result = run();
  return { ms: performance.now() - start, result };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
