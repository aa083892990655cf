import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
});
afterAll(() => opened.end());

async function add(text: string, more: { readonly type?: string; readonly parentId?: string } = {}): Promise<string> {
  return (await opened.call("example.add", { example: { kind: "text", text, ...more } })).example.id;
}

test("finds what is most like an example, nearest first, without itself and its other versions", async () => {
  const beans = await add("sow the beans four centimetres deep in warm soil", { type: "gm" });
  await add("sow the beans four centimetres deep in warm soil!", { parentId: beans });
  const peas = await add("sow the peas four centimetres deep in cold soil", { type: "gm" });
  const both = await add("sow beans and peas in soil", { type: "insight" });
  const found = await opened.call("example.similar", { id: beans.slice(0, -2), limit: 2 });
  expect([found.id, found.text, found.type]).toEqual([beans, "sow the beans four centimetres deep in warm soil", "gm"]);
  expect(found.neighbours.map(({ id }) => id)).toEqual([peas, both]);
  // 7 of 11 words, and 2 of 12 phrases: "four centimetres deep", "centimetres deep in".
  expect(found.neighbours[0]?.parts).toMatchObject({ word: 0.6364, phrase: 0.1667 });
  expect(found.neighbours[0]).toMatchObject({ type: "gm", text: "sow the peas four centimetres deep in cold soil" });
  expect((await opened.call("example.similar", { id: beans, type: "insight" })).neighbours.map(({ id }) => id)).toEqual([both]);
});

test("what lies in the trash is near to nothing, but may be asked about", async () => {
  const old = await add("hail took the first cherries of the year");
  const young = await add("hail took the last cherries of the year");
  await opened.call("example.trash", { ids: [old] });
  expect((await opened.call("example.similar", { id: young })).neighbours.map(({ id }) => id)).not.toContain(old);
  expect((await opened.call("example.similar", { id: old })).neighbours[0]?.id).toBe(young);
});

test("an id that leads nowhere is an error", async () => {
  await expect(opened.call("example.similar", { id: "01K9QQQQ" })).rejects.toMatchObject({ code: "example/not-found" });
});
