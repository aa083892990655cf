import { expect, test } from "vitest";
import { auditEntryOf, auditFactsOf, auditFactsOfOutput, auditKindOf, isAudited } from "./audit-entry.ts";

test("says what a call is about: the example before the dataset, users, runs and names", () => {
  expect(auditFactsOf({ id: "01A", dataset: "garden" })).toEqual({ object: "01A" });
  expect(auditFactsOf({ dataset: "garden", where: "kind = chat", dryRun: true })).toEqual({
    object: "garden",
    filter: "kind = chat",
    dryRun: true,
  });
  expect(auditFactsOf({ user: "ana", role: "admin" })).toEqual({ object: "ana" });
  expect(auditFactsOf({ name: "ci", scopes: ["training_data:read"] })).toEqual({ object: "ci" });
  expect(auditFactsOf({ dataset: "garden", name: "Beans" })).toEqual({ object: "garden", name: "Beans" });
  expect(auditFactsOf({ version: "garden@1.0", markUsed: "first run" })).toEqual({ object: "garden@1.0", run: "first run" });
  expect(auditFactsOf({ run: "R1" })).toEqual({ object: "R1" });
  expect(auditFactsOf({ ids: ["01A"] })).toEqual({ object: "01A" });
  expect(auditFactsOf({ ids: ["01A", "01B"] })).toEqual({});
  expect(auditFactsOf(undefined)).toEqual({});
});

test("keeps no secret: of a key its beginning, of a password nothing", () => {
  expect(auditFactsOf({ key: "tilth_abc123_0123456789secret" })).toEqual({ object: "tilth_abc123" });
  expect(JSON.stringify(auditFactsOf({ user: "ana", password: "four words in a row" }))).not.toContain("words");
});

test("takes the count and the run of an answer", () => {
  expect(auditFactsOfOutput({ examples: [1, 2], run: { id: "R1" } })).toEqual({ count: 2, run: "R1" });
  expect(auditFactsOfOutput({ changed: 3 })).toEqual({ count: 3 });
  expect(auditFactsOfOutput("text")).toEqual({});
});

test("is one entry, no longer than it may be and well-formed", () => {
  const entry = auditEntryOf({
    atMs: 1,
    actor: "user:ana",
    operation: "example.tag",
    via: "cli",
    status: 200,
    filter: "\ud800".repeat(3_000),
    run: "R1",
    job: "J1",
  });
  expect(entry).toMatchObject({
    atMs: 1,
    actor: "user:ana",
    action: "example.tag",
    object: "",
    detail: { via: "cli", run: "R1", job: "J1" },
  });
  expect(entry.detail["filter"]).toBe("\ufffd".repeat(2_000));
});

test("changes are always kept, exports and reads as it is configured", () => {
  expect(auditKindOf({ readOnly: false, scope: "training_data:read" })).toBe("export");
  expect(auditKindOf({ readOnly: true, scope: "training_data:admin" })).toBe("read");
  const kept = (reads: "all" | "exports" | "off") => (["change", "export", "read"] as const).map((kind) => isAudited(kind, reads));
  expect([kept("all"), kept("exports"), kept("off")]).toEqual([
    [true, true, true],
    [true, true, false],
    [true, false, false],
  ]);
});
