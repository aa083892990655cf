import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { examplesOfVersion } from "../../packages/core/src/dataset/examples.ts";
import { readManifest } from "../../packages/core/src/dataset/manifest.ts";
import { listBranches, listVersions } from "../../packages/core/src/dataset/refs.ts";
import { callOperation } from "../../packages/core/src/operations/call.ts";
import type { Example } from "../../packages/core/src/schema/example.ts";
import { exampleToJson } from "../../packages/core/src/schema/example.ts";
import type { Json } from "../../packages/core/src/schema/json.ts";
import { canonicalJson } from "../../packages/core/src/text/canonical.ts";
import type { Workspace } from "../../packages/core/src/workspace.ts";
import { openWorkspace, workspacePaths } from "../../packages/core/src/workspace.ts";

/** What a workspace holds, without what differs from one run to the next: ids, times, counts of edits. */
export interface State {
  readonly examples: number;
  /** Digests over all rows, in an order of their own. */
  readonly rows: string;
  readonly findings: string;
  readonly members: string;
  /** Label, rows and digest of each version. */
  readonly versions: readonly string[];
}

export interface Inspected {
  readonly state: State;
  /** What `tilth doctor`, `tilth verify`, a recount and SQLite itself have to say against it. */
  readonly problems: readonly string[];
  /** Of the examples. */
  readonly ids: ReadonlySet<string>;
}

/** Opens a workspace as the next process would, and looks at everything in it. */
export async function inspect(root: string): Promise<Inspected> {
  const workspace = await openWorkspace(root, { toolVersion: "0.0.0" });
  try {
    const problems = await heard(workspace);
    const { state, ids } = await stateOf(workspace);
    await workspace.close();
    return { state, ids, problems: [...problems, ...sqliteProblems(root, state.examples)] };
  } finally {
    await workspace.close();
  }
}

async function heard(workspace: Workspace): Promise<readonly string[]> {
  const { root } = workspace.paths;
  const host = { folder: root, workspace: async () => workspace };
  const storage = await workspace.storage();
  const doctor = await callOperation("workspace.doctor", {}, host, { actor: "user:drill" });
  const verified = await callOperation("version.verify", {}, host, { actor: "user:drill" });
  const recount = await storage.recount({ repair: false });
  return [
    ...doctor.checks.filter(({ status }) => status === "problem").map(({ name, message }) => `doctor: ${name}: ${message}`),
    ...verified.problems.map(({ object, problem }) => `verify: ${object}: ${problem}`),
    ...recount.counters.map(({ facet, value, kept, counted }) => `recount: ${facet} ${value} is kept as ${kept}, counted ${counted}`),
    ...[...recount.facets, ...recount.tags].map((id) => `recount: ${id} is kept otherwise`),
  ];
}

async function stateOf(workspace: Workspace): Promise<Pick<Inspected, "state" | "ids">> {
  const storage = await workspace.storage();
  return storage.read(async ({ queries }) => {
    const rows = await queries.selectFrom("example").selectAll().execute();
    const findings = await queries
      .selectFrom("finding")
      .innerJoin("example", "example.n", "finding.n")
      .select(["content_hash", "rule", "ordinal", "severity", "at", "at_start", "at_end"])
      .execute();
    const members = await queries
      .selectFrom("member")
      .innerJoin("example", "example.n", "member.n")
      .select(["content_hash", "dataset_id"])
      .execute();
    const state = {
      examples: rows.length,
      rows: digestOf(
        rows.map(({ n: _n, id, rev: _rev, group_key, import_id: _import, created_at: _made, updated_at: _at, ...row }) => ({
          ...row,
          group_key: group_key === id ? "" : group_key,
        })),
      ),
      findings: digestOf(findings),
      members: digestOf(members),
      versions: await versionsOf(workspace),
    };
    return { state, ids: new Set(rows.map(({ id }) => id)) };
  });
}

async function versionsOf(workspace: Workspace): Promise<readonly string[]> {
  const objects = await workspace.objects();
  const found: string[] = [];
  for (const branch of await listBranches(objects)) {
    for await (const entry of listVersions(objects, branch)) {
      const manifest = await readManifest(objects, entry.manifest);
      const batches = await Array.fromAsync(examplesOfVersion({ objects, duck: workspace.duck(), manifest }));
      const examples = batches.flat();
      found.push(`${branch.dataset}@${entry.label}: ${manifest.rows} rows, ${digestOf(examples.map(lasting))}`);
      if (examples.length !== manifest.rows) found.push(`holds ${examples.length} rows`);
    }
  }
  return found;
}

function lasting(example: Example): Json {
  const { id, rev: _rev, groupKey, importId: _import, createdAt: _made, updatedAt: _at, ...rest } = exampleToJson(example);
  return { ...rest, groupKey: groupKey === id ? "" : (groupKey ?? "") };
}

/** A digest that does not depend on the order of rows. */
function digestOf(rows: readonly unknown[]): string {
  const lines = rows.map((row) =>
    canonicalJson(
      JSON.parse(JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value))),
    ),
  );
  return hash("sha256", lines.toSorted().join("\n")).slice(0, 16);
}

/** What lies in the file itself: sound pages, everything built that a load took away, a line of the log for each row. */
function sqliteProblems(root: string, examples: number): readonly string[] {
  const database = new DatabaseSync(workspacePaths(root).pool, { readOnly: true });
  try {
    const one = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    const problems: string[] = [];
    const sound = database
      .prepare("PRAGMA integrity_check")
      .all()
      .map((row) => String(row["integrity_check"]));
    if (sound.join() !== "ok") problems.push(`integrity_check: ${sound.join("; ")}`);
    if (database.prepare("PRAGMA foreign_key_check").all().length > 0) problems.push("foreign_key_check found rows");
    if (one("SELECT count(*) FROM setting WHERE key = 'bulk'") > 0) problems.push("the mark of a bulk load is there");
    const built = one("SELECT count(*) FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL");
    if (built !== wanted()) problems.push(`${built} indexes and triggers of ${wanted()}`);
    const logged = one("SELECT count(*) FROM change_log WHERE op = 1");
    if (logged !== examples || one("SELECT count(DISTINCT id) FROM change_log WHERE op = 1") !== examples)
      problems.push(`${logged} lines of the log say that ${examples} rows came`);
    const doubled = one("SELECT count(*) - count(DISTINCT content_hash) FROM example WHERE duplicate_kept = 0");
    if (doubled > 0) problems.push(`${doubled} contents are there twice`);
    return problems;
  } finally {
    database.close();
  }
}

let wantedCount: number | undefined;

/** How many indexes and triggers a new pool has. */
function wanted(): number {
  if (wantedCount === undefined) {
    const database = new DatabaseSync(":memory:");
    for (const file of schemaFiles()) database.exec(readFileSync(new URL(file, STORAGE), "utf8"));
    wantedCount = Number(
      database.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL").get()?.[
        "count"
      ],
    );
    database.close();
  }
  return wantedCount;
}

const STORAGE = new URL("../../packages/core/src/storage/", import.meta.url);

/** The first schema, then what each migration adds, by number. */
function schemaFiles(): readonly string[] {
  const numberOf = (file: string): number => Number(/\d+/.exec(file)?.[0] ?? 1);
  return readdirSync(STORAGE)
    .filter((file) => /^schema\.sqlite(\.\d+)?\.sql$/.test(file))
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}
