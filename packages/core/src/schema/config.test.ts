import { describe, expect, test } from "vitest";
import { configSchema } from "./config.ts";
import { firstProblem } from "./strict.ts";

describe("embedder", () => {
  test.each([
    "static-v2",
    "static-v2+hash.5",
    { kind: "static" },
    { kind: "static", path: "own.bin", hashWeight: 0.35 },
    { kind: "hash" },
    { kind: "transformers", path: "models", model: "all-MiniLM-L6-v2" },
    { kind: "endpoint", url: "http://127.0.0.1:8080/v1", model: "small" },
    { kind: "endpoint", url: "https://host/v1/embeddings", model: "m", dimensions: 256, keyFrom: "EMBED_KEY", pricePerMillion: 0.02 },
  ])("takes %j", (embedder) => {
    expect(configSchema.parse({ embedder })).toEqual({ embedder });
  });

  test.each([
    [{ kind: "endpoint", url: "http://h", modle: "x" }, "embedder.modle: unknown key modle; the nearest is model"],
    [{ kind: "endpoint", url: "http://h" }, "embedder: an embedder of kind endpoint needs model"],
    [{ kind: "transformers" }, "embedder: an embedder of kind transformers needs path"],
    [{ kind: "static", url: "http://h" }, "embedder: an embedder of kind static has no url"],
    [{ kind: "hash", hashWeight: 0.5 }, "embedder: an embedder of kind hash has no hashWeight"],
    [{ kind: "static", hashWeight: 2 }, "embedder.hashWeight: too big: expected number to be <=1"],
    [{ kind: "word2vec" }, /^embedder: kind: .*static/],
    [{ kind: "endpoint", url: "ftp://h", model: "m" }, "embedder.url: must be an http:// or https:// address"],
    [{ kind: "endpoint", url: "https://me:secret@h/v1", model: "m" }, /^embedder.url: must hold no password/],
    [{ kind: "endpoint", url: "http://h", model: "m", keyFrom: "sk-abc" }, /^embedder.keyFrom: must be the name of .*, not a key$/],
    [7, "embedder: must be a name or an object with kind"],
  ])("refuses %j and says why", (embedder, problem) => {
    const { error } = configSchema.safeParse({ embedder });
    if (error === undefined) throw new Error("it was taken");
    const { path, message } = firstProblem(error);
    const told = `${path.join(".")}: ${message}`;
    if (typeof problem === "string") expect(told).toBe(problem);
    else expect(told).toMatch(problem);
  });
});
