import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import type { NewRow, OnChange } from "../storage/storage.ts";
import { foresee } from "./foresee.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
});
afterAll(() => opened.end());

async function row(text: string, sourceId?: string): Promise<NewRow> {
  const door = await opened.workspace.door();
  const passage = door(
    { kind: "text", text, ...(sourceId === undefined ? {} : { sourceId }) },
    { actor: "user:test", sourceIdIsIdentity: sourceId !== undefined },
  );
  if ("refused" in passage) throw new Error(passage.message);
  return passage.row;
}

test.each(["update", "skip", "add"] as const)("says what a capture then does, with --on-change %s", async (onChange: OnChange) => {
  const storage = await opened.workspace.storage();
  const options = { actor: "user:test", atMs: 1, rulesVersion: "1", onChange };
  await storage.capture([await row("known"), await row(`first form ${onChange}`, `record ${onChange}`)], options);
  const rows = [
    await row("known"),
    await row(`new ${onChange}`),
    await row(`new ${onChange}`),
    await row(`first form ${onChange}`, `record ${onChange}`),
    await row(`second form ${onChange}`, `record ${onChange}`),
  ];
  const foreseen = await foresee(storage, rows, { onChange });
  expect((await storage.capture(rows, options)).map(({ status }) => status)).toEqual(foreseen.map(({ status }) => status));
});
