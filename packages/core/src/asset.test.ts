import { expect, test } from "vitest";
import { assetUrl, workerUrl } from "./asset.ts";

test("finds a shipped file beside the module that asks for it", () => {
  expect(assetUrl("file:///app/core/src/packs/load.ts", "./assistant.yaml").href).toBe("file:///app/core/src/packs/assistant.yaml");
});

test.each([
  ["file:///app/core/src/storage/sqlite.ts", "file:///app/core/src/storage/writer.ts"],
  ["file:///app/core/dist/storage/sqlite.js", "file:///app/core/dist/storage/writer.js"],
  ["file:///app/core/dist/storage/sqlite.js?worker=1", "file:///app/core/dist/storage/writer.js"],
])("starts a worker of the same kind as %s", (moduleUrl, worker) => {
  expect(workerUrl(moduleUrl, "./writer").href).toBe(worker);
});
