import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operations } from "./list.ts";
import type { FolderOperation, Operation } from "./operation.ts";

const all: readonly (Operation | FolderOperation)[] = operations;

describe("all operations", () => {
  test("have names and routes of their own", () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(new Set(all.map(({ http }) => `${http.method} ${http.path.replaceAll(/:\w+/g, ":")}`)).size).toBe(all.length);
  });
});

describe.each(all.map((operation) => [operation.name, operation] as const))("%s", (_, operation) => {
  test("is named noun.verb and says in one line what it does", () => {
    expect(operation.name).toMatch(/^[a-z]+\.[a-z]+$/);
    expect(operation.title).toMatch(/^[A-Z][^\n.]{5,80}$/);
  });

  test("what only reads destroys nothing, may be repeated, and needs no right to write", () => {
    const { readOnly, destructive, idempotent, scope } = operation;
    const reads: readonly string[] = ["training_data:read", "training_data:admin"];
    expect(readOnly && (destructive || !idempotent || !reads.includes(scope))).toBe(false);
  });

  test("a GET carries no body, and what changes the pool is none", () => {
    const { http, body, scope, readOnly } = operation;
    const reads = scope === "training_data:read" || (readOnly && scope === "training_data:admin");
    expect(http.method === "GET" && (body !== "none" || !reads)).toBe(false);
  });

  test("every part of the path is a member of the input", () => {
    const members = Object.keys(z.toJSONSchema(operation.input, { io: "input" }).properties ?? {});
    for (const [, part] of operation.http.path.matchAll(/:(\w+)/g))
      expect(members).toContain(part === "id" ? part : memberOf(part ?? "", members));
  });

  test("refuses members it does not know", () => {
    const issues = operation.input.safeParse({ nobodyKnowsThis: 1 }).error?.issues ?? [];
    expect(issues.map(({ code }) => code)).toContain("unrecognized_keys");
  });

  test("input and output can be told as JSON Schema", () => {
    expect(z.toJSONSchema(operation.input, { io: "input" })).toMatchObject({ type: "object", additionalProperties: false });
    expect(z.toJSONSchema(operation.output)).toMatchObject({ type: "object" });
  });
});

/** `/datasets/:dataset/export` names the dataset of a version, which the input says as `version`. */
function memberOf(part: string, members: readonly string[]): string {
  return part === "dataset" && !members.includes(part) ? "version" : part;
}
