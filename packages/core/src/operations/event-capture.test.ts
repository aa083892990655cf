import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createUlids, systemClock, systemRandom } from "../text/ulid.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["assistant"] });
});
afterAll(() => opened.end());

const newId = createUlids(systemClock, systemRandom);
let counted = 0;

function chat(members: object = {}, question = `How deep do I sow bean number ${++counted}?`): object {
  const messages = [
    { role: "user", content: question },
    { role: "assistant", content: `Bean number ${counted} goes four to five centimetres deep, once the soil is warm.` },
  ];
  return { kind: "example", example: { kind: "chat", id: newId(), messages, ...members } };
}

function like(exampleId: string, id: string = newId()): object {
  return { kind: "signal", signal: { id, kind: "feedback", action: "like", target: { exampleId }, at: "2026-03-01T08:00:00Z" } };
}

const capture = (events: readonly unknown[], context = {}) => opened.call("event.capture", { events: [...events] }, context);

test("examples and signals come in, redacted, with where they are from and who sent them", async () => {
  const id = newId();
  expect(await capture([chat({ id }, "Please write to ana@example.org about beans."), like(id)], { actor: "key:app" })).toEqual({
    accepted: 2,
    duplicate: 0,
    rejected: [],
  });
  const { example } = await opened.call("example.show", { id });
  expect(example).toMatchObject({ source: "capture", sourceKind: "conversation", createdBy: "key:app", reviewStatus: "pending" });
  expect(JSON.stringify(example)).not.toContain("ana@example.org");
  const storage = await opened.workspace.storage();
  const signals = await storage.read(({ queries }) =>
    queries.selectFrom("signal").select(["kind", "action"]).where("example_id", "=", id).execute(),
  );
  expect(signals).toEqual([{ kind: "feedback", action: "like" }]);
});

test("the source keeps its own word, and one that nobody knows is no import", async () => {
  const [known, unknown] = [newId(), newId()];
  await capture([
    chat({ id: known, source: "correction" }),
    chat({ id: unknown, source: "support-bot", createdAt: "2026-01-02T03:04:05.000Z" }),
  ]);
  expect((await opened.call("example.show", { id: known })).example).toMatchObject({ source: "correction", sourceKind: "correction" });
  expect((await opened.call("example.show", { id: unknown })).example).toMatchObject({
    source: "support-bot",
    sourceKind: "conversation",
    createdAt: "2026-01-02T03:04:05.000Z",
  });
});

describe("what comes twice is stored once", () => {
  test("by its id, whatever it says now: in the pool, and in one body", async () => {
    const id = newId();
    const signal = newId();
    const first = chat({ id }, "the first words");
    expect(await capture([first, like(id, signal), first, like(id, signal), chat({ id }, "other words")])).toEqual({
      accepted: 2,
      duplicate: 3,
      rejected: [],
    });
    expect(await capture([chat({ id }, "words of yet another kind"), like("nobody", signal)])).toEqual({
      accepted: 0,
      duplicate: 2,
      rejected: [],
    });
    expect((await opened.call("example.show", { id })).example).toMatchObject({ messages: [{ content: "the first words" }, {}] });
  });

  test("while it is on its way", async () => {
    const event = chat();
    const answers = await Promise.all([capture([event]), capture([event]), capture([event])]);
    expect(
      answers
        .map(({ accepted, duplicate }) => [accepted, duplicate])
        .toSorted()
        .toReversed(),
    ).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
  });

  test("by its content: a signal about the second finds the first", async () => {
    const [first, second] = [newId(), newId()];
    expect(await capture([chat({ id: first }, "said twice")])).toMatchObject({ accepted: 1 });
    const { example } = await opened.call("example.show", { id: first });
    expect(
      await capture([{ kind: "example", example: { kind: "chat", id: second, messages: "messages" in example ? example.messages : [] } }]),
    ).toMatchObject({ duplicate: 1 });
    expect((await opened.call("example.show", { id: second })).example.id).toBe(first);
  });
});

test("what is wrong with one event is told by its place, and the others are taken", async () => {
  const broken = [
    "{no json",
    { kind: "example", example: { kind: "poem" } },
    chat({ metadata: JSON.parse('{"secret": 1e999}') as unknown }),
    { kind: "signal", signal: { id: "x", kind: "feedback", at: "yesterday" } },
    chat({ weight: -1 }),
  ];
  const answer = await capture([chat(), ...broken, chat()]);
  expect(answer).toMatchObject({ accepted: 2, duplicate: 0 });
  expect(answer.rejected).toEqual([
    { index: 1, code: "input/invalid", message: "it is no JSON object" },
    {
      index: 2,
      code: "input/invalid",
      message:
        "example.kind: Invalid discriminator value. Expected 'chat' | 'preference' | 'rating' | 'text' | 'classification' | 'extraction' | 'steps'",
    },
    { index: 3, code: "input/invalid", message: "example.metadata: Invalid input" },
    { index: 4, code: "input/invalid", message: "signal.at: Invalid ISO datetime" },
    { index: 5, code: "input/invalid", message: "example.weight: Too small: expected number to be >=0" },
  ]);
});

test("an example joins the dataset it names, by name or id, which is made once; one that lies in the trash is told", async () => {
  const inDataset = (dataset: string): object => ({ ...chat(), dataset });
  const answers = await Promise.all([
    capture([inDataset("Beans of May"), inDataset("Beans of May")]),
    capture([inDataset("Beans of May")]),
  ]);
  expect(answers.map(({ accepted }) => accepted)).toEqual([2, 1]);
  expect(await capture([inDataset("beans-of-may")])).toMatchObject({ accepted: 1 });
  expect((await opened.call("dataset.show", { dataset: "Beans of May" })).members).toBe(4);
  await opened.call("dataset.create", { name: "Old" });
  await opened.call("dataset.delete", { dataset: "old" });
  expect(await capture([inDataset("old"), chat()])).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: "dataset/exists" }] });
});

test("who reaches some datasets names one of them, and neither touches nor sees examples elsewhere", async () => {
  await opened.call("dataset.create", { name: "Theirs" });
  const secret = newId();
  await capture([{ ...chat({ id: secret }), dataset: "others" }]);
  const limited = { datasets: new Set(["theirs", "Theirs"]) };
  const own = newId();
  const answer = await capture(
    [
      { ...chat({ id: own }), dataset: "theirs" },
      like(own),
      chat(),
      { ...chat(), dataset: "others" },
      { ...chat({ id: secret }), dataset: "theirs" },
      like(secret),
      like(newId()),
      { kind: "signal", signal: { id: newId(), kind: "query", at: "2026-03-01T08:00:00Z" } },
    ],
    limited,
  );
  expect(answer).toMatchObject({ accepted: 2, duplicate: 0 });
  expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual(
    [2, 3, 4, 5, 6, 7].map((index) => [index, "auth/dataset-forbidden"]),
  );
  expect((await opened.call("example.show", { id: secret })).datasets).toEqual(["others"]);
  expect(await capture([like(own)], limited)).toMatchObject({ accepted: 1 });
});

test("a thousand come in at once, and no more", async () => {
  const many = Array.from({ length: 1_001 }, () => chat());
  expect(await capture(many.slice(1))).toMatchObject({ accepted: 1_000 });
  await expect(capture(many)).rejects.toThrow("1001 events are more than the 1000 of one call");
});
