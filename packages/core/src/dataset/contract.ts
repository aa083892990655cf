import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Objects } from "../objects/objects.ts";
import { openFolderObjects } from "../objects/folder.ts";
import type { Content } from "../schema/content.ts";
import { identityOf } from "../schema/identity.ts";
import type { ExampleRow } from "../schema/row.ts";
import { contentToColumns } from "../schema/row-content.ts";
import { openSqlite } from "../storage/sqlite.ts";
import type { NewRow, Storage } from "../storage/storage.ts";
import type { CommitOptions } from "./commit.ts";
import type { Duck } from "./duckdb.ts";
import { openDuck } from "./duckdb.ts";

/** A pool, a version store and DuckDB in a folder of their own: what a test of this room stands on. */
export interface Bench {
  readonly folder: string;
  readonly storage: Storage;
  readonly objects: Objects;
  readonly duck: Duck;
  /** What every commit of the bench needs, from the whole pool, in small chunks. */
  readonly commit: Omit<CommitOptions, "dataset">;
  close(): Promise<void>;
}

/** Opens a bench in a given folder, or in a new one that goes when it is closed. */
export async function openBench(given?: string): Promise<Bench> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), "tilth-dataset-")));
  const storage = await openSqlite(join(folder, "pool.db"));
  const objects = await openFolderObjects(join(folder, "store"));
  const duck = openDuck({ temporaryFolder: join(folder, "store", "tmp") });
  const recipe = { format: 1, from: "pool" } as const;
  return {
    folder,
    storage,
    objects,
    duck,
    commit: {
      storage,
      objects,
      duck,
      recipe,
      message: "test",
      actor: "user:test",
      clock: { nowMs: () => Date.now() },
      toolVersion: "0.0.0",
      targetRows: 16,
    },
    async close() {
      await duck.close();
      await storage.close();
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts as many examples into the pool as there are numbers; each number makes its own id and text. */
export async function addExamples(
  storage: Storage,
  numbers: readonly number[],
  change: (row: ExampleRow) => Partial<NewRow> = () => ({}),
): Promise<void> {
  const rows = numbers.map((number) => {
    const row = exampleRow(number);
    return { row, tags: [], findings: [], scores: [], sourceIdIsIdentity: false, ...change(row) };
  });
  await storage.capture(rows, { actor: "user:test", atMs: 1_700_000_000_000, rulesVersion: "test" });
}

/** The id of a numbered example: ids and numbers sort alike. */
export function exampleId(number: number): string {
  return `01J${String(number).padStart(23, "0")}`;
}

/** A row of the pool, with texts beyond ASCII, texts of DuckDB's inline length and empty cells among them. */
export function exampleRow(number: number, content: Content = contentOf(number)): ExampleRow {
  const identity = identityOf(content);
  const atMs = 1_700_000_000_000 + number * 1_000;
  return {
    ...contentToColumns(content),
    id: exampleId(number),
    rev: 1,
    review_status: "approved",
    lifecycle: "active",
    include_in_training: number % 3 === 0 ? 0 : 1,
    duplicate_kept: 0,
    source: "twelve chars".slice(0, number % 13) || "manual",
    source_kind: "manual",
    source_id: number % 2 === 0 ? null : `record-${number}`,
    parent_id: null,
    group_key: `group-${number % 7}`,
    import_id: null,
    created_by: "user:test",
    type: null,
    topic: number % 5 === 0 ? "日本語の話題" : null,
    style: null,
    domain: "general",
    project: null,
    language: "en",
    confidence: number % 4 === 0 ? null : number / 10,
    complexity: 1 + (number % 10),
    weight: 1,
    quality_tier: "silver",
    quality_score: number % 6 === 0 ? null : (number % 100) / 100,
    relevance: null,
    learning_value: null,
    feedback: null,
    verified_accurate: number % 2 === 0 ? 1 : null,
    was_corrected: 0,
    was_used: null,
    modifications_made: null,
    validated: 0,
    correction_reason: null,
    corrector: null,
    tags: "[]",
    features: "{}",
    metadata: number % 2 === 0 ? "{}" : `{"n":${number}}`,
    content_hash: identity.contentHash,
    input_hash: identity.inputHash,
    created_at: atMs,
    updated_at: atMs,
  };
}

function contentOf(number: number): Content {
  return number % 2 === 0
    ? { kind: "text", text: `post ${number} 🎀 äöü` }
    : {
        kind: "chat",
        messages: [
          { role: "user", content: `q${number}` },
          { role: "assistant", content: `answer number ${number}\nin two lines` },
        ],
      };
}
