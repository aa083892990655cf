import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { askFor, askSecret, openQuestions } from "./questions.ts";

function conversation() {
  const input = new PassThrough();
  const output = new PassThrough();
  const shown: string[] = [];
  output.on("data", (piece: Buffer) => shown.push(piece.toString()));
  return { input, shown, questions: openQuestions({ input, output }) };
}

test("gives the answer without the space around it", async () => {
  const { input, questions, shown } = conversation();
  const answer = questions.ask("Topic: ");
  input.write("  base \n");
  expect(await answer).toBe("base");
  expect(shown.join("")).toBe("Topic: ");
  questions.close();
});

test("asks again, saying what is wrong, until the answer can be read", async () => {
  const { input, questions, shown } = conversation();
  const read = (answer: string) => (answer === "7" ? { value: 7 } : { problem: `${answer} is no 7.` });
  const answer = askFor(questions, "Number: ", read);
  input.write("5\n");
  setImmediate(() => input.write("7\n"));
  expect(await answer).toBe(7);
  expect(shown.join("")).toBe("Number:   5 is no 7.\nNumber: ");
  questions.close();
});

test("whoever leaves ends the call instead of leaving it hanging", async () => {
  const { input, questions } = conversation();
  const answer = questions.ask("Text: ");
  input.end();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
});

test("lines that are pasted at once answer one question each", async () => {
  const { input, questions } = conversation();
  const first = questions.ask("Text: ");
  input.write("gm to all\ngm\n\nlikes=3\n");
  expect([await first, await questions.ask("Type: "), await questions.ask("Topic: "), await questions.ask("Engagement: ")]).toEqual([
    "gm to all",
    "gm",
    "",
    "likes=3",
  ]);
  questions.close();
});

test("a secret is asked for and never shown", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked = askSecret("Key: ", { input, output });
  input.write("tilth_sec\u007fcret\r");
  expect(await asked).toBe("tilth_secret");
  output.end();
  expect(await text(output)).toBe("Key: \n");
});

test("whoever leaves in front of a secret gives none", async () => {
  const input = new PassThrough();
  const asked = askSecret("Key: ", { input, output: new PassThrough() });
  input.end();
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
});
