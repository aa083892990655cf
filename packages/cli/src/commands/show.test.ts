import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  await program.tilth(
    "import",
    await program.writeRows("chats.jsonl", exchanges),
    "--format",
    "prompt-response",
    "--dataset",
    "Garden chats",
  );
});
afterAll(() => program.end());

async function newest(count: number): Promise<readonly { readonly id: string; readonly kind: string }[]> {
  const page = (await program.json(0, "list", "--limit", String(count))) as {
    readonly examples: readonly { readonly id: string; readonly kind: string }[];
  };
  return page.examples;
}

const newestId = async (): Promise<string> => (await newest(1))[0]?.id ?? "";

test("shows facts, score with its factors, and every message", async () => {
  const id = await newestId();
  const { code, out } = await program.tilth("show", id.slice(0, 25));
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^${id} {2}chat\n`));
  expect(out).toMatch(/quality +0\.\d\d, \w+ \(base \+0\.5/);
  expect(out).toMatch(/datasets +garden-chats\n/);
  expect(out).toContain("user\nWhom do I ask about slugs?\nassistant\nWrite to [REDACTED_EMAIL], she has kept ducks");
});

test("shows what belongs to each kind", { timeout: 30_000 }, async () => {
  const file = await program.writeRows("kinds.jsonl", [
    {
      kind: "preference",
      prompt: [{ role: "user", content: "Dig or mulch?" }],
      chosen: [{ role: "assistant", content: "Mulch it." }],
      rejected: [{ role: "assistant", content: "Dig it all." }],
      reason: "worms",
    },
    {
      kind: "rating",
      prompt: [{ role: "user", content: "Prune?" }],
      completion: [{ role: "assistant", content: "In winter." }],
      label: false,
    },
    { kind: "text", text: "A line about rhubarb." },
    {
      kind: "classification",
      text: "two bags of compost",
      labels: { intent: "order" },
      entities: [{ label: "item", start: 12, end: 19, surface: "compost" }],
    },
    {
      kind: "extraction",
      document: { title: "On mulch", content: "Straw keeps soil moist." },
      items: [{ id: "i1", text: "Straw helps.", category: "practice" }],
    },
    {
      kind: "steps",
      prompt: "How many beds?",
      steps: [
        { text: "Seven fit.", correct: true },
        { text: "Eight fit.", correct: false },
      ],
    },
    {
      kind: "chat",
      messages: [
        { role: "user", content: "Rain?" },
        { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "weather", arguments: { day: "today" } }] },
        { role: "tool", content: "dry", toolCallId: "c1" },
        { role: "assistant", content: "None today." },
      ],
    },
  ]);
  await program.tilth("import", file, "--format", "tilth");
  const examples = await newest(7);
  const shown = async (kind: string): Promise<string> =>
    (await program.tilth("show", examples.find((example) => example.kind === kind)?.id ?? "")).out;
  expect(await shown("preference")).toContain("user\nDig or mulch?\nchosen\nMulch it.\nrejected\nDig it all.\nbecause worms\n");
  expect(await shown("rating")).toContain("user\nPrune?\nrated bad\nIn winter.\n");
  expect(await shown("text")).toContain("\nA line about rhubarb.\n");
  expect(await shown("classification")).toContain("\ntwo bags of compost\nintent order\n12–19 item: compost\n");
  expect(await shown("extraction")).toContain("\nOn mulch\n- Straw helps. practice\n");
  expect(await shown("steps")).toContain("\nHow many beds?\n✓ Seven fit.\n✗ Eight fit.\n");
  expect(await shown("chat")).toContain('assistant\nweather({"day":"today"})\ntool\ndry\n');
});

test("shows findings with rule, place and severity", async () => {
  const file = await program.writeRows("cut.jsonl", [{ question: "And then what?", answer: "Then the rain came over the hill and ..." }]);
  await program.tilth("import", file, "--format", "prompt-response");
  expect((await program.tilth("show", await newestId())).out).toMatch(/\nwarning truncated: .* \/messages\/1/);
});

test("what an example says cannot steer the screen", async () => {
  const file = await program.writeRows("escape.jsonl", [
    { kind: "text", text: "before \u001b[2J\u001b]0;owned\u0007 after\r\u009bend\tof line\nnext", tags: ["\u001b[31mred"] },
  ]);
  await program.tilth("import", file, "--format", "tilth");
  const { out } = await program.tilth("show", await newestId());
  expect(out).toContain("before");
  expect(out).toContain("end\tof line\nnext");
  expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});

test("--json prints the whole example", async () => {
  const [example] = await newest(1);
  expect(await program.json(0, "show", example?.id ?? "")).toMatchObject({ example, datasets: [] });
});

test.each([["01ZZZZZZ"], ["01"]])("an id such as %s is a wrong call", async (id) => {
  expect(await program.tilth("show", id)).toMatchObject({ code: 2, out: "", err: expect.stringContaining("error") });
});
