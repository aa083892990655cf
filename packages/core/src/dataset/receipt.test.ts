import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ReceiptEntry } from "./receipt.ts";
import { addToReceipt, readReceipt, receiptName, receiptText } from "./receipt.ts";

const sha256 = "a".repeat(64);

function entry(version: string, ...names: readonly string[]): ReceiptEntry {
  return {
    format: "openai-chat",
    fileKind: "jsonl",
    dataset: "support",
    version,
    options: {},
    examples: { read: 1, written: 1, refused: 0, sampledOut: 0 },
    losses: {},
    refusals: {},
    files: names.map((name) => ({ name, split: "train", rows: 1, bytes: 2, sha256 })),
  };
}

test("a new export takes over the files it wrote; others stay with the export that wrote them", () => {
  const first = addToReceipt({ format: 1, exports: [] }, entry("1.0", "train.jsonl", "test.jsonl"));
  const second = addToReceipt(first, entry("1.1", "train.jsonl"));
  expect(second.exports.map(({ version, files }) => [version, files.map(({ name }) => name)])).toEqual([
    ["1.0", ["test.jsonl"]],
    ["1.1", ["train.jsonl"]],
  ]);
  expect(addToReceipt(second, entry("1.2", "test.jsonl")).exports.map(({ version }) => version)).toEqual(["1.2", "1.1"]);
});

test("is read back as it was written, and empty where there is none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tilth-receipt-"));
  expect(await readReceipt(folder)).toEqual({ format: 1, exports: [] });
  const receipt = addToReceipt({ format: 1, exports: [] }, entry("1.0", "train.jsonl"));
  await writeFile(join(folder, receiptName), receiptText(receipt));
  expect(await readReceipt(folder)).toEqual(receipt);
});

test.each(["", "{}", '{"format":2,"exports":[]}', "[1"])("refuses to take %j for a receipt", async (text) => {
  const folder = await mkdtemp(join(tmpdir(), "tilth-receipt-"));
  await writeFile(join(folder, receiptName), text);
  await expect(readReceipt(folder)).rejects.toMatchObject({ code: "export/bad-receipt" });
});
