import { deepStrictEqual } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "../schema/json.ts";
import type { Workspace } from "../workspace.ts";
import { createWorkspace, openWorkspace } from "../workspace.ts";
import type { OperationInput, OperationName, OperationOutput } from "./call.ts";
import { callOperation } from "./call.ts";
import { operations } from "./list.ts";
import type { OperationContext } from "./operation.ts";

/** A workspace in a folder of its own, as operations meet it. */
export interface TestWorkspace {
  readonly folder: string;
  readonly workspace: Workspace;
  /** Calls an operation; its output must be what its schema says, no member more. */
  call<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    context?: Partial<OperationContext>,
  ): Promise<OperationOutput<Name>>;
  /** Writes a file into the folder and gives its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Writes rows as JSON Lines and gives the path. */
  writeRows(name: string, rows: readonly Json[]): Promise<string>;
  /** Closes the workspace and takes the folder away. */
  end(): Promise<void>;
}

/** Makes and opens a workspace. */
export async function openTestWorkspace(options: { readonly packs?: readonly string[] } = {}): Promise<TestWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-operations-"));
  await createWorkspace(folder, { packs: options.packs ?? [] });
  const workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  return {
    folder,
    workspace,
    async call(name, input, context = {}) {
      const output = await callOperation(
        name,
        input,
        { folder, workspace: () => Promise.resolve(workspace) },
        { actor: "user:test", ...context },
      );
      deepStrictEqual(operations.find((operation) => operation.name === name)?.output.parse(output), output);
      return output;
    },
    write,
    writeRows: (name, rows) => write(name, rows.map((row) => `${JSON.stringify(row)}\n`).join("")),
    async end() {
      await workspace.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A workspace whose pool holds one example of each kind, all of them members of the dataset `mixed`. */
export async function openFilledWorkspace(): Promise<TestWorkspace> {
  const opened = await openTestWorkspace();
  await opened.call("example.import", { file: await opened.writeRows("mixed.jsonl", oneOfEachKind), dataset: "mixed" });
  return opened;
}

/** One example of each kind, in the house's own rows. */
export const oneOfEachKind: readonly Json[] = [
  {
    kind: "chat",
    messages: [
      { role: "user", content: "How deep should I sow beans?" },
      { role: "assistant", content: "Four to five centimetres, in soil that has warmed to ten degrees." },
    ],
    tags: ["garden"],
  },
  {
    kind: "preference",
    prompt: [{ role: "user", content: "May I plant potatoes after tomatoes?" }],
    chosen: [{ role: "assistant", content: "Better not: both carry the same blight, so leave three years between them." }],
    rejected: [{ role: "assistant", content: "Yes, any plant may follow any other plant in the same bed." }],
  },
  {
    kind: "rating",
    prompt: [{ role: "user", content: "When do I prune an apple tree?" }],
    completion: [{ role: "assistant", content: "In late winter, before the buds swell, on a dry day." }],
    label: true,
  },
  { kind: "text", text: "The first frost came on the ninth of October, a week earlier than last year." },
  {
    kind: "classification",
    text: "Order two bags of compost for Friday",
    labels: { intent: "order" },
    entities: [{ label: "item", start: 18, end: 25, surface: "compost" }],
  },
  {
    kind: "extraction",
    document: { title: "On mulch", content: "Straw keeps the soil moist. It also feeds slugs in a wet summer." },
    items: [{ id: "item_1", text: "Straw keeps the soil moist.", category: "practice" }],
  },
  {
    kind: "steps",
    prompt: "How many beds of 4 m² fit into 30 m²?",
    steps: [{ text: "30 / 4 = 7.5, so seven whole beds.", correct: true }],
  },
];
