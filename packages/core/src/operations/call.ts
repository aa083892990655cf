import type { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Workspace } from "../workspace.ts";
import { refuseOutside } from "./dataset-limit.ts";
import type { operations } from "./list.ts";
import type { FolderOperation, Operation, OperationContext } from "./operation.ts";

type Operations = typeof operations;
type Listed = Operations[number];

/** Names of all operations, such as `version.create`. */
export type OperationName = Listed["name"];
/** What a caller gives; members with defaults may be left out. */
export type OperationInput<Name extends OperationName> = z.input<Extract<Listed, { readonly name: Name }>["input"]>;
export type OperationOutput<Name extends OperationName> = z.output<Extract<Listed, { readonly name: Name }>["output"]>;

/** Where operations run: a folder, and the workspace found there once one is needed. */
export interface OperationHost {
  readonly folder: string;
  workspace(): Promise<Workspace>;
}

/** All operations: for a door that offers every one of them. Loads the whole product. */
export async function loadOperations(): Promise<Operations> {
  return (await import("./list.ts")).operations;
}

/**
 * Calls an operation by name in this process. Loads what this one needs and no more.
 *
 * @throws {@link TilthError} `input/invalid` when the input breaks the operation's schema; whatever the operation throws.
 */
export async function callOperation<Name extends OperationName>(
  name: Name,
  input: OperationInput<Name>,
  host: OperationHost,
  context: OperationContext,
): Promise<OperationOutput<Name>> {
  const operation = await findOperation(name);
  const parsed = parseInput(operation, input);
  await refuseOutside(operation, parsed, context, () => host.workspace());
  const output =
    operation.on === "folder"
      ? await operation.run(host.folder, parsed, context)
      : await operation.run(await host.workspace(), parsed, context);
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the operation found under a name is the one whose types the name stands for
  return output as OperationOutput<Name>;
}

/**
 * Finds an operation by its name, and loads no other.
 *
 * @throws {@link TilthError} `input/invalid` where there is none.
 */
export async function findOperation(name: string): Promise<Operation | FolderOperation> {
  const found = (await ownModule(name)).find(isOperation(name)) ?? (await loadOperations()).find((operation) => operation.name === name);
  if (found === undefined) throw new TilthError("input/invalid", { where: "operation", problem: `there is none named ${name}` });
  return found; // its input type is forgotten here; parseInput checks every input against the operation's own schema
}

/** What the file of an operation exports: `noun.verb` lies in `noun-verb.ts`. */
async function ownModule(name: string): Promise<readonly unknown[]> {
  if (!/^[a-z]+\.[a-z]+$/.test(name)) return [];
  const path = `./${name.replace(".", "-")}.ts`;
  try {
    const module: Readonly<Record<string, unknown>> = await import(path);
    return Object.values(module);
  } catch {
    return []; // what is wrong with a file that is there is said again by the list, which imports them all
  }
}

/** The files of this folder hold one operation each; its name is proof enough. */
function isOperation(name: string): (value: unknown) => value is Operation | FolderOperation {
  return (value): value is Operation | FolderOperation =>
    typeof value === "object" && value !== null && "run" in value && "name" in value && value.name === name;
}

function parseInput(operation: Operation | FolderOperation, input: unknown): unknown {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? operation.name : issue.path.join(".");
  throw new TilthError("input/invalid", { where, problem: issue?.message ?? "does not fit the operation" });
}
