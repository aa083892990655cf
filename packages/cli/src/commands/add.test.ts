import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["social"]);
});
afterAll(() => program.end());

describe("document 1's call", () => {
  const call = [
    "add",
    "--text",
    "gm to builders on base 💙",
    "--type",
    "gm",
    "--topic",
    "base",
    "--engagement",
    '{"likes":150,"retweets":30}',
    "--features",
    '{"has_emoji":true,"mentions":["@base"]}',
  ];

  test("adds the post and says id, score and what to do next", async () => {
    const { code, out, err } = await program.tilth(...call);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^✓ Added 01[0-9A-Z]{24}\n/);
    expect(out).toMatch(/score +0\.65, silver \(base \+0\.5, source \+0\.15\)/);
    expect(out).toMatch(/tilth trash 01\w+ +undo/);
    expect(await program.json(0, "list", "--where", "engagement.likes = 150 and engagement.reposts = 30")).toMatchObject({
      examples: [{ type: "gm", topic: "base", source: "manual" }],
    });
  });

  test("a second time says that it is there already", async () => {
    const { code, out } = await program.tilth(...call);
    expect(code).toBe(0);
    expect(out).toMatch(/^= Is there already as 01[0-9A-Z]{24}\n/);
    expect(out).not.toContain("undo");
  });
});

test("a question with its answer is a chat, a worse answer makes it a preference", async () => {
  const asked = ["add", "--input", "How deep do I sow beans?", "--output", "Four to five centimetres, in warm soil."];
  expect(await program.json(0, ...asked, "--system", "You know gardens.", "-d", "Garden")).toMatchObject({
    datasets: ["garden"],
    example: { kind: "chat", messages: [{ role: "system" }, { role: "user" }, { role: "assistant" }] },
  });
  expect(await program.json(0, ...asked, "--rejected", "Half a metre.", "--reason", "They rot.", "--tag", "a", "--tag", "b")).toMatchObject(
    {
      example: {
        kind: "preference",
        chosen: [{ content: "Four to five centimetres, in warm soil." }],
        rejected: [{ content: "Half a metre." }],
        reason: "They rot.",
        tags: ["a", "b"],
      },
    },
  );
});

test("says what was taken out and what the rules found", async () => {
  const { out } = await program.tilth(
    "add",
    "--input",
    "Whom do I ask?",
    "--output",
    "Write to ana@example.org, she knows and then...",
    "--type",
    "gmm",
  );
  expect(out).toMatch(/taken out +EMAIL 1/);
  expect(out).toMatch(/truncated: /);
  expect(out).toContain("did you mean gm?");
  expect(out).not.toContain("ana@example.org");
});

test("what a rule refuses is exit 3 with the reason", async () => {
  const { code, err } = await program.tilth("add", "--text", " ");
  expect(code).toBe(3);
  expect(err).toContain("empty-text");
});

test.each([
  ["nothing, and nobody to ask", [], "--text"],
  ["a question alone", ["--input", "Why?"], "the answer is missing"],
  ["an answer alone", ["--output", "So."], "the question is missing"],
  ["a text and a question", ["--text", "a", "--input", "b"], "--text"],
  ["a reason for nothing", ["--input", "a", "--output", "b", "--reason", "c"], "--rejected"],
  ["engagement that is none", ["--text", "a b c", "--engagement", "{likes}"], "--engagement"],
  ["engagement nobody counts", ["--text", "a b c", "--engagement", '{"lieks":1}'], "lieks"],
])("%s is a wrong call", async (_, args, told) => {
  const { code, err } = await program.tilth("add", ...args);
  expect(code).toBe(2);
  expect(err).toContain(told);
  expect(err.trim().split("\n")).toHaveLength(1);
});
