import { z } from "zod";
import type { JsonObject } from "../schema/json.ts";
import type { FolderOperation, Operation } from "./operation.ts";

type Any = Operation | FolderOperation;

const inputs = new WeakMap<Any, JsonObject>();
const outputs = new WeakMap<Any, JsonObject>();

/** What a caller may give, as JSON Schema 2020-12; made once an operation, when it is first asked for. */
export function describeInput(operation: Any): JsonObject {
  return kept(inputs, operation, () => z.toJSONSchema(operation.input, { io: "input" }));
}

/** What an operation answers, as JSON Schema 2020-12; made once an operation, when it is first asked for. */
export function describeOutput(operation: Any): JsonObject {
  return kept(outputs, operation, () => z.toJSONSchema(operation.output));
}

function kept(memo: WeakMap<Any, JsonObject>, operation: Any, make: () => object): JsonObject {
  const known = memo.get(operation);
  if (known !== undefined) return known;
  const { $schema: _, ...made }: JsonObject = JSON.parse(JSON.stringify(make(), withoutReadOnly));
  memo.set(operation, made);
  return made;
}

/** Zod says of a readonly array that it may not be written, which elsewhere means that nobody may send it. */
function withoutReadOnly(key: string, value: unknown): unknown {
  return key === "readOnly" && value === true ? undefined : value;
}
