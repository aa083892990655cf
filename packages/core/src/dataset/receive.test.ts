import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256Hex } from "../text/hash.ts";
import { addToReceipt, receiptText } from "./receipt.ts";
import type { IncomingFile } from "./receive.ts";
import { receiveCheckout, receiveExport } from "./receive.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "tilth-receive-")), "out");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

/** Files that come from elsewhere, in two pieces each. */
function incoming(files: Readonly<Record<string, string>>, told: (text: string) => Partial<IncomingFile> = () => ({})) {
  return async (name: string): Promise<IncomingFile | undefined> => {
    const text = files[name];
    if (text === undefined) return undefined;
    return {
      sizeBytes: text.length,
      sha256: sha256Hex(Buffer.from(text)),
      ...told(text),
      async *[Symbol.asyncIterator]() {
        yield Buffer.from(text.slice(0, 3));
        yield Buffer.from(text.slice(3));
      },
    };
  };
}

function receiptOf(name: string, text: string): string {
  const entry = {
    format: "tilth",
    fileKind: "jsonl",
    dataset: "d",
    version: "1.0",
    options: {},
    examples: { read: 2, written: 1, refused: 1, sampledOut: 0 },
    losses: {},
    refusals: {},
    files: [{ name, split: "train", rows: 1, bytes: text.length, sha256: sha256Hex(Buffer.from(text)) }],
  };
  return receiptText(addToReceipt({ format: 1, exports: [] }, entry));
}

const rows = '{"text":"beans"}\n';
const made = { files: [{ name: "train.jsonl", split: "train" }], empty: ["test"], refused: 1 };
const there = {
  "train.jsonl": rows,
  ".tilth-ids/train.jsonl.ids": "01\n",
  ".tilth-refused/test.jsonl": '{"id":"02"}\n',
  ".tilth-receipt.json": receiptOf("train.jsonl", rows),
};

const left = async (): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

test("an export leaves all that it would have left here, and joins the receipt that is there", async () => {
  await mkdir(folder);
  await writeFile(join(folder, ".tilth-receipt.json"), receiptOf("own.jsonl", "x"));
  await receiveExport(made, { folder, find: incoming(there) });
  expect(await left()).toEqual([".tilth-ids/train.jsonl.ids", ".tilth-receipt.json", ".tilth-refused/test.jsonl", "train.jsonl"]);
  expect(await readFile(join(folder, "train.jsonl"), "utf8")).toBe(rows);
  const receipt = JSON.parse(await readFile(join(folder, ".tilth-receipt.json"), "utf8"));
  expect(receipt.exports.map((entry: { files: { name: string }[] }) => entry.files[0]?.name)).toEqual(["own.jsonl", "train.jsonl"]);
});

test.each([
  ["other bytes", there, () => ({ sha256: "0".repeat(64) })],
  ["fewer bytes", there, (text: string) => ({ sizeBytes: text.length + 1 })],
  ["a file less", { ...there, ".tilth-ids/train.jsonl.ids": undefined }, () => ({})],
  ["the receipt of another export", { ...there, ".tilth-receipt.json": receiptOf("other.jsonl", rows) }, () => ({})],
])("%s than announced leave the folder as it was", async (_, files, told) => {
  await mkdir(folder);
  await writeFile(join(folder, "mine.txt"), "");
  const find = incoming(files as Record<string, string>, told);
  await expect(receiveExport(made, { folder, find })).rejects.toMatchObject({ code: "client/changed" });
  expect(await left()).toEqual(["mine.txt"]);
});

test("what is no receipt is not overwritten", async () => {
  await mkdir(folder);
  await writeFile(join(folder, ".tilth-receipt.json"), "[]");
  await expect(receiveExport(made, { folder, find: incoming(there) })).rejects.toMatchObject({ code: "export/bad-receipt" });
});

test("a checkout appears whole; a second time nothing is to be done; anything else in the folder is a conflict", async () => {
  const files = { "data-0.parquet": "PAR1", "manifest.json": "{}" };
  const checkout = { files: ["data-0.parquet"] };
  await expect(receiveCheckout(checkout, { folder, find: incoming(files, () => ({ sha256: "0".repeat(64) })) })).rejects.toMatchObject({
    code: "client/changed",
  });
  expect(await readdir(join(folder, ".."))).toEqual([]);
  expect(await receiveCheckout(checkout, { folder, find: incoming(files) })).toBe(true);
  expect(await left()).toEqual(["data-0.parquet", "manifest.json"]);
  expect(await receiveCheckout(checkout, { folder, find: incoming(files) })).toBe(false);
  await writeFile(join(folder, "manifest.json"), "[]");
  await expect(receiveCheckout(checkout, { folder, find: incoming(files) })).rejects.toMatchObject({ code: "dataset/target-not-empty" });
});
