import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamSource } from "@tilth/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobBodies } from "./job-bodies.ts";
import { openJobBodies } from "./job-bodies.ts";

let root: string;
let folder: string;
let bodies: JobBodies;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tilth-bodies-"));
  folder = join(root, "bodies");
  bodies = openJobBodies(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function* pieces(...given: readonly (string | Error)[]): AsyncGenerator<Buffer> {
  for (const piece of given) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
}

test("keeps what arrives, for nobody else to read", async () => {
  const body = await bodies.keep("job", streamSource("a.jsonl", pieces("ab", "", "c")));
  expect(body).toMatchObject({ name: "a.jsonl", isOwned: true });
  expect(await readFile(body.path, "utf8")).toBe("abc");
  if (process.platform !== "win32") expect((await stat(body.path)).mode & 0o777).toBe(0o600);
  await bodies.remove(body);
  expect(await readdir(folder)).toEqual([]);
});

test("keeps nothing of what does not arrive whole", async () => {
  await expect(bodies.keep("job", streamSource("a", pieces("ab", new Error("gone"))))).rejects.toThrow("gone");
  expect(await readdir(folder)).toEqual([]);
});

test("takes a file over by a name of its own: each may go without the other", async () => {
  const upload = join(root, "upload");
  await writeFile(upload, "abc");
  await chmod(upload, 0o600);
  const body = await bodies.adopt("job", { path: upload, name: "a.csv" });
  expect((await stat(body.path)).ino).toBe((await stat(upload)).ino);
  await rm(upload);
  expect(await readFile(body.path, "utf8")).toBe("abc");
});

test("removes no file that is not its own", async () => {
  const path = join(root, "mine");
  await writeFile(path, "mine");
  await bodies.remove({ path, name: "mine", isOwned: false });
  expect(await readFile(path, "utf8")).toBe("mine");
});

test("sweeps what is old and no job needs; a file that was linked lately is young", async () => {
  for (const job of ["needed", "left"]) await bodies.keep(job, streamSource(job, pieces(job)));
  const sweep = (untilMs: number): Promise<void> => bodies.sweep({ untilMs, isNeeded: async (job) => job === "needed" });
  await utimes(join(folder, "left"), 1, 1);
  await sweep(Date.now() - 60_000);
  expect(await readdir(folder)).toHaveLength(2);
  await sweep(Date.now() + 60_000);
  expect(await readdir(folder)).toEqual(["needed"]);
});
