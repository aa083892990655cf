import { expect, test } from "vitest";
import { openTestWorkspace } from "./test-workspace.ts";

test("tells what a form may offer: packs, their types, named maps", async () => {
  const opened = await openTestWorkspace({ packs: ["social"] });
  expect(await opened.call("workspace.show", {})).toEqual({
    root: opened.folder,
    packs: ["social"],
    types: ["gm", "insight", "casual", "reply"],
    maps: [],
  });
  await opened.end();
});
