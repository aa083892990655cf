import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEmbedder } from "./choose.ts";
import { shippedTable } from "./static.ts";

const folder = await mkdtemp(join(tmpdir(), "tilth-choose-"));
afterAll(() => rm(folder, { recursive: true }));
const options = { folder, environment: {} };

test.each([
  [undefined, "static-v2", 256],
  ["static-v2", "static-v2", 256],
  ["hash-v1", "hash-v1", 512],
  ["static-v2+hash.5", "static-v2+hash.5", 768],
  ["static-v2+hash.35", "static-v2+hash.35", 768],
  ["static-v2+hash1", "static-v2+hash1", 768],
  [{ kind: "static" }, "static-v2", 256],
  [{ kind: "static", hashWeight: 0.5 }, "static-v2+hash.5", 768],
  [{ kind: "hash" }, "hash-v1", 512],
] as const)("%j opens %s", async (setting, id, dimensions) => {
  expect(await openEmbedder(setting, options)).toMatchObject({ id, dimensions });
});

test.each(["static-v3", "static-v2+hash0", "static-v2+hash2", "static-v2+hash", ""])("%j is unknown", async (setting) => {
  await expect(openEmbedder(setting, options)).rejects.toMatchObject({ code: "embed/unknown", details: { name: setting } });
});

test("a table's path counts from the folder of tilth.yaml; where it is missing, nothing takes its place", async () => {
  await expect(openEmbedder({ kind: "static", path: "own.bin" }, options)).rejects.toMatchObject({
    code: "embed/table-unreadable",
    details: { path: join(folder, "own.bin") },
  });
  await copyFile(shippedTable, join(folder, "own.bin"));
  expect(await openEmbedder({ kind: "static", path: "own.bin" }, options)).toMatchObject({ id: "static-v2" });
});

test("a model's path counts from there too", async () => {
  await expect(openEmbedder({ kind: "transformers", path: "models", model: "small" }, options)).rejects.toMatchObject({
    code: "embed/model-missing",
    details: { path: join(folder, "models", "small") },
  });
});

test("an endpoint's key is looked up in the environment that is given, and the signal reaches it", async () => {
  const settings = { kind: "endpoint", url: await silentAddress(), model: "small", keyFrom: "EMBED_KEY" } as const;
  await expect(openEmbedder(settings, options)).rejects.toMatchObject({ code: "embed/key-missing" });
  const opening = openEmbedder(settings, { folder, environment: { EMBED_KEY: "k" }, signal: AbortSignal.timeout(20) });
  await expect(opening).rejects.toMatchObject({ name: "TimeoutError" });
});

async function silentAddress(): Promise<string> {
  const server = createServer().unref();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
