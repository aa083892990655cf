import { TilthError } from "../errors.ts";
import { parseReference } from "../dataset/refs.ts";
import { showExample } from "../storage/examples.ts";
import type { Workspace } from "../workspace.ts";
import { describeInput } from "./describe.ts";
import type { FolderOperation, Operation, OperationContext } from "./operation.ts";

/**
 * Keeps a caller that reaches some datasets only within them: every dataset, version and example of the input must be theirs, and where
 * an input could name a dataset it has to. Callers that reach all datasets pass at no cost.
 *
 * An example is theirs while it is a member of one of their datasets.
 *
 * @param input - Parsed, as `run` gets it.
 * @throws {@link TilthError} `auth/dataset-forbidden`; `input/invalid` for a reference that cannot be read, `example/not-found`.
 */
export async function refuseOutside(
  operation: Operation | FolderOperation,
  input: unknown,
  { actor, datasets }: Pick<OperationContext, "actor" | "datasets">,
  workspace: () => Promise<Workspace>,
): Promise<void> {
  if (datasets === undefined || operation.underLimit === "filtered") return;
  const refuse = (problem: string): never => {
    throw new TilthError("auth/dataset-forbidden", { actor, problem, datasets: [...datasets].join(", ") || "none are left" });
  };
  const members = new Map(typeof input === "object" && input !== null ? Object.entries(input) : []);
  const named = namedDatasets(members);
  const outside = named.find((name) => !datasets.has(name));
  if (outside !== undefined) refuse(`${outside} is none of them`);
  if (members.get("from") === "pool") refuse("the whole pool is more than that");

  const ids = exampleIds(members);
  const needsDataset = !Array.isArray(members.get("ids")) && "dataset" in Object(describeInput(operation)["properties"]);
  if (named.length === 0 && (ids.length === 0 || needsDataset)) refuse("this call names none");
  if (ids.length === 0) return;
  const storage = await (await workspace()).storage();
  for (const id of ids) {
    const { datasets: memberships } = await showExample(storage, id);
    if (!memberships.some((membership) => datasets.has(membership))) refuse(`example ${id} is in none of them`);
  }
}

function namedDatasets(members: ReadonlyMap<string, unknown>): readonly string[] {
  const dataset = members.get("dataset");
  const references = ["version", "before", "after"].map((member) => members.get(member));
  return [
    ...(typeof dataset === "string" ? [dataset] : []),
    ...references.flatMap((text) => (typeof text === "string" ? [parseReference(text).dataset] : [])),
  ];
}

function exampleIds(members: ReadonlyMap<string, unknown>): readonly string[] {
  const [id, ids] = [members.get("id"), members.get("ids")];
  return [...(typeof id === "string" ? [id] : []), ...(Array.isArray(ids) ? ids.map(String) : [])];
}
