import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createWorkspace, workspacePaths } from "../../packages/core/src/workspace.ts";
import type { Command, Moment, Ran } from "./crash-process.ts";
import { run } from "./crash-process.ts";
import type { Inspected, State } from "./crash-state.ts";
import { inspect } from "./crash-state.ts";
import type { Preparation, Stage } from "./crash-work.ts";
import { preparations, prepare } from "./crash-work.ts";

// A process works on a workspace and is killed at a random moment. What is left must be sound and hold all that was acknowledged; the
// same command once more must lead where an undisturbed run leads.

export interface Round {
  readonly scenario: ScenarioName;
  /** The stretch of the work the moment was drawn from, and how far into it. */
  readonly moment: string;
  /** What was found on the disk before anything else opened it. */
  readonly found: string;
  readonly acknowledged: number;
  readonly ended: "killed" | "finished";
  /** None where all promises were kept. */
  readonly problems: readonly string[];
}

export interface Drill {
  /** The names of all kinds of work. */
  readonly scenarios: readonly ScenarioName[];
  /** Kills one run of the work, by default at a moment drawn from all of it. */
  round(scenario: ScenarioName, stretch?: Stretch): Promise<Round>;
  close(): Promise<void>;
}

/** From one stage to the next; `writing` from the first sign of it to the end of the process, `whole` from its start. */
export type Stretch = "loading" | "rebuilding" | "reporting" | "writing" | "whole";

const scenarioNames = ["import into an empty pool", "import into a filled pool", "first commit", "later commit", "export", "edit"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

interface Scenario {
  readonly start: Preparation;
  readonly run: Command;
  /** The command that finishes the job, where the work itself cannot be typed. */
  readonly again?: readonly string[];
  readonly stretches: readonly Stretch[];
}

const scenarios: { readonly [Name in ScenarioName]: Scenario } = {
  "import into an empty pool": {
    start: "fresh",
    run: { work: "importAsPipe", argument: "first.jsonl" },
    again: ["import", "first.jsonl", "--dataset", "all"],
    stretches: ["loading", "rebuilding", "reporting"],
  },
  "import into a filled pool": {
    start: "filled",
    run: { work: "importAsPipe", argument: "second.jsonl" },
    again: ["import", "second.jsonl", "--dataset", "all"],
    stretches: ["loading", "reporting"],
  },
  "first commit": {
    start: "filled",
    run: { tilth: ["commit", "all", "-m", "first"], sign: ".tilth/store/tmp" },
    stretches: ["writing", "writing", "whole"],
  },
  "later commit": {
    start: "committed",
    run: { tilth: ["commit", "all", "-m", "later"], sign: ".tilth/store/tmp" },
    stretches: ["writing", "writing", "whole"],
  },
  export: {
    start: "exported",
    run: { tilth: ["export", "all", "--format", "openai-chat", "--out", "out"], sign: "out" },
    stretches: ["writing", "writing", "whole"],
  },
  edit: { start: "filled", run: { work: "editOldest", argument: "60" }, stretches: ["loading"] },
};

/** What an undisturbed run takes and leads to. */
interface Undisturbed {
  readonly took: Ran;
  readonly state: State;
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Prepares workspaces for a drill.
 *
 * @param options.rows - Of each of the two files that are imported.
 * @param options.seed - Of the moments.
 * @param options.warmUp - Runs each command line once more first, so that the moments are drawn from what it takes once it is compiled.
 */
export async function openDrill(options: { readonly rows: number; readonly seed: number; readonly warmUp: boolean }): Promise<Drill> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-drill-"));
  const random = seeded(options.seed);
  const made = new Map<Preparation, Promise<string>>();
  const undisturbed = new Map<ScenarioName, Promise<Undisturbed>>();
  const turns = new Map<ScenarioName, number>();
  let copies = 0;

  return {
    scenarios: scenarioNames,
    round,
    close: () => rm(folder, { recursive: true, force: true }),
  };

  async function round(name: ScenarioName, wanted?: Stretch): Promise<Round> {
    const scenario = scenarios[name];
    const calm = await remembered(undisturbed, name, () => runUndisturbed(scenario));
    const turn = turns.get(name) ?? 0;
    turns.set(name, turn + 1);
    const stretch = wanted ?? scenario.stretches[turn % scenario.stretches.length] ?? "whole";
    const moment = momentIn(stretch, calm.took, random());
    const root = await copyOf(scenario.start);
    const before = await filesOf(root);
    const ran = await run(root, scenario.run, moment);
    const found = await lookRaw(root, copies);
    const after = await inspect(root).catch(unopened);
    const problems = [...after.problems, ...brokenPromises(ran, after), ...halfWritten(before, calm.files, await filesOf(root))];
    const again = await run(root, scenario.again === undefined ? scenario.run : { tilth: scenario.again });
    if (again.code !== 0) problems.push(`once more: ended with ${again.code}: ${again.text}`);
    const finished = await inspect(root).catch(unopened);
    problems.push(
      ...finished.problems.map((problem) => `once more: ${problem}`),
      ...differences(calm, finished.state, await filesOf(root)),
    );
    await rm(root, { recursive: true, force: true });
    return {
      scenario: name,
      moment: `${stretch} + ${Math.round(moment.delayMs)} ms`,
      found,
      acknowledged: ran.acknowledged.length,
      ended: ran.code === undefined ? "killed" : "finished",
      problems,
    };
  }

  async function runUndisturbed(scenario: Scenario): Promise<Undisturbed> {
    if (options.warmUp && "tilth" in scenario.run) await run(await copyOf(scenario.start), scenario.run);
    const root = await copyOf(scenario.start);
    const took = await run(root, scenario.run);
    if (took.code !== 0) throw new Error(`an undisturbed run ended with ${took.code}: ${took.text}`);
    const { state, problems } = await inspect(root);
    if (problems.length > 0) throw new Error(`an undisturbed run leaves problems: ${problems.join("; ")}`);
    const files = await filesOf(root);
    await rm(root, { recursive: true, force: true });
    return { took, state, files };
  }

  async function copyOf(name: Preparation): Promise<string> {
    const root = join(folder, `copy-${++copies}`);
    await cp(await template(name), root, { recursive: true });
    return root;
  }

  function template(name: Preparation): Promise<string> {
    return remembered(made, name, async () => {
      const root = join(folder, name);
      const before = preparations[preparations.indexOf(name) - 1];
      if (before === undefined) await makeFresh(root, options.rows);
      else await cp(await template(before), root, { recursive: true });
      await prepare(root, name);
      return root;
    });
  }
}

function remembered<Key, Value>(known: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

function momentIn(stretch: Stretch, { at, tookMs }: Ran, random: number): Moment {
  const between = (from: Stage, to: Stage): Moment => {
    const end = at.get(to) ?? tookMs;
    return { after: from, delayMs: random * Math.max(1, end - (at.get(from) ?? 0)) };
  };
  switch (stretch) {
    case "loading":
      return between("begun", at.has("loaded") ? "loaded" : "done");
    case "rebuilding":
      return between("loaded", "built");
    case "reporting":
      return between(at.has("built") ? "built" : "begun", "done");
    case "writing":
      return between("begun", "done");
    case "whole":
      // In the first third of the time the program is still being loaded.
      return { after: "start", delayMs: tookMs * (0.33 + 0.67 * random) };
  }
}

/** Reads a copy of the pool, so that it is not this look that mends anything. */
async function lookRaw(root: string, number: number): Promise<string> {
  const { pool } = workspacePaths(root);
  if (!existsSync(pool)) return "no pool";
  const copy = `${root}.raw-${number}`;
  for (const end of ["", "-wal"]) if (existsSync(`${pool}${end}`)) await cp(`${pool}${end}`, `${copy}${end}`);
  const database = new DatabaseSync(copy);
  try {
    const count = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    if (count("SELECT count(*) FROM sqlite_schema") === 0) return "an empty pool file";
    const versions = (await readdir(join(root, ".tilth", "store", "refs"), { recursive: true }).catch(() => [])).filter((name) =>
      name.endsWith(".json"),
    );
    const mark = count("SELECT count(*) FROM setting WHERE key = 'bulk'") > 0 ? ", not yet built" : "";
    const edits = count("SELECT count(*) FROM revision");
    return `${count("SELECT count(*) FROM example")} rows${mark}, ${edits} edits, ${versions.length} versions`;
  } finally {
    database.close();
    for (const end of ["", "-wal", "-shm"]) await rm(`${copy}${end}`, { force: true });
  }
}

/** A workspace that cannot be looked at is a broken promise as well. */
function unopened(error: unknown): Inspected {
  const state = { examples: 0, rows: "", findings: "", members: "", versions: [] };
  return { state, ids: new Set(), problems: [`it cannot be opened: ${error instanceof Error ? error.message : String(error)}`] };
}

function brokenPromises({ acknowledged }: Ran, { ids, state }: Inspected): readonly string[] {
  const versions = new Set(state.versions.map((version) => version.split(":")[0]));
  const lost = acknowledged.filter((one) => !ids.has(one) && !versions.has(one));
  return lost.length === 0 ? [] : [`${lost.length} of ${acknowledged.length} acknowledged are lost, such as ${lost[0] ?? ""}`];
}

/** Files that stand under their final names, by their content; what is hidden while it is written does not count. */
async function filesOf(root: string): Promise<ReadonlyMap<string, string>> {
  const out = join(root, "out");
  if (!existsSync(out)) return new Map();
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const named = files.filter((path) => !path.slice(out.length).startsWith("/.tilth-export-"));
  return new Map(await Promise.all(named.map(async (path) => [path.slice(out.length + 1), hash("sha256", await readFile(path))] as const)));
}

/** Every file is as it was, or as it shall be. */
function halfWritten(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly string[] {
  return [...now]
    .filter(([name, digest]) => digest !== before.get(name) && digest !== after.get(name))
    .map(([name]) => `${name} is neither the old file nor the new`);
}

function differences(calm: Undisturbed, state: State, files: ReadonlyMap<string, string>): readonly string[] {
  const told = JSON.stringify(state);
  const expected = JSON.stringify(calm.state);
  const names = new Set([...files.keys(), ...calm.files.keys()]);
  return [
    ...(told === expected ? [] : [`once more leads to ${told}, undisturbed to ${expected}`]),
    ...[...names]
      .filter((name) => files.get(name) !== calm.files.get(name))
      .map((name) => `once more: ${name} differs from that of an undisturbed run`),
  ];
}

async function makeFresh(root: string, rows: number): Promise<void> {
  await createWorkspace(root, { packs: ["assistant"] });
  await writeFile(join(root, "first.jsonl"), chats(rows, 1));
  await writeFile(join(root, "second.jsonl"), chats(rows, 2));
}

/** Chats with what imports have to deal with: personal data, copies, other answers to the same question, broken lines. */
function chats(count: number, seed: number): string {
  const random = seeded(seed);
  const words =
    "when the soil is warm sow beans in rows and water them early before the sun is high then mulch with straw against weeds".split(" ");
  const text = (length: number): string => Array.from({ length }, () => words[Math.floor(random() * words.length)] ?? "").join(" ");
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const kind = random();
    if (kind < 0.02) lines.push('{"messages": [{"role": "user", "content": "cut o');
    else if (kind < 0.06) lines.push(lines[Math.floor(random() * lines.length)] ?? "{}");
    else {
      const question = kind < 0.12 ? `What about number ${i % 7}?` : `${text(10)} ${seed}-${i}${kind < 0.2 ? " ask ana@example.org" : ""}?`;
      lines.push(
        JSON.stringify({
          messages: [
            { role: "user", content: question },
            { role: "assistant", content: `${text(30)}.` },
          ],
        }),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
