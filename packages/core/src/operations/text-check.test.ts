import { afterAll, beforeAll, expect, test } from "vitest";
import { streamSource } from "../files/source.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
  await opened.call("example.add", { example: { kind: "text", text: "gm to data contributors who deserve equity", type: "gm" } });
});
afterAll(() => opened.end());

test("tells of one text how fresh it is, what is nearest, and on what that rests", async () => {
  const { one, many } = await opened.call("text.check", { text: "gm to data labelers who deserve equity", type: "gm" });
  expect(one).toMatchObject({
    text: "gm to data labelers who deserve equity",
    type: "gm",
    isFresh: false,
    threshold: 0.65,
    samples: 1,
    exact: true,
    embedder: { id: "static-v2", backgroundCosine: 0.04 },
  });
  expect(one?.nearest).toMatchObject({ type: "gm", text: "gm to data contributors who deserve equity" });
  const { word = 0, phrase = 0, semantic = 0 } = one?.nearest?.parts ?? {};
  expect([word, phrase]).toEqual([0.75, 0.25]);
  expect(one?.score).toBeCloseTo(1 - (0.3 * word + 0.4 * phrase + 0.3 * semantic), 3);
  expect(many).toBeUndefined();
});

test("takes a threshold by hand", async () => {
  const call = { text: "gm to data labelers who deserve equity", type: "gm" };
  expect((await opened.call("text.check", { ...call, threshold: 0.1 })).one?.isFresh).toBe(true);
  await expect(opened.call("text.check", { ...call, threshold: 1.1 })).rejects.toMatchObject({ code: "input/invalid" });
});

test("a text without words is refused, as at the door", async () => {
  await expect(opened.call("text.check", { text: " … " })).rejects.toMatchObject({ code: "freshness/empty-text", kind: "data" });
});

test("checks a list, the lines of a file, or what is piped in", async () => {
  const texts = ["gm to data contributors who deserve equity!", "frost took the last tomatoes"];
  const { many } = await opened.call("text.check", { texts });
  expect(many?.texts.map(({ text, isFresh }) => [text, isFresh])).toEqual([
    [texts[0], false],
    [texts[1], true],
  ]);
  const file = await opened.write("texts.txt", `\ufeff${texts.join("\r\n")}\r\n\r\n`);
  expect((await opened.call("text.check", { file })).many).toEqual(many);
  const body = streamSource("standard input", piped(texts.join("\n")));
  expect((await opened.call("text.check", {}, { body })).many).toEqual(many);
});

test("refuses more than 64 MB before it is all read, and nothing at all", async () => {
  const endless = streamSource("standard input", lines());
  await expect(opened.call("text.check", {}, { body: endless })).rejects.toMatchObject({ code: "freshness/too-much" });
  await expect(opened.call("text.check", {})).rejects.toThrow(/there is none to check/);
});

async function* piped(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

async function* lines(): AsyncIterable<Uint8Array> {
  for (;;) yield Buffer.alloc(1_000_000, "gm\n");
}
