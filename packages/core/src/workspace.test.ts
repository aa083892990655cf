import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Workspace } from "./workspace.ts";
import { createWorkspace, findWorkspace, openWorkspace, workspacePaths } from "./workspace.ts";

let folder: string;
const opened: Workspace[] = [];
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tilth-workspace-")));
});
afterEach(async () => {
  for (const workspace of opened.splice(0)) await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(root = folder): Promise<Workspace> {
  const workspace = await openWorkspace(root, { toolVersion: "0.0.0" });
  opened.push(workspace);
  return workspace;
}

describe("finding", () => {
  test("goes upward to the nearest one", async () => {
    const inner = join(folder, "team", "inner");
    await mkdir(join(inner, "deep", "down"), { recursive: true });
    await createWorkspace(folder, { packs: [] });
    await createWorkspace(inner, { packs: [] });
    expect(await findWorkspace(join(inner, "deep", "down"))).toBe(inner);
    expect(await findWorkspace(join(folder, "team"))).toBe(folder);
    expect(await findWorkspace(folder)).toBe(folder);
  });

  test("a folder called tilth.yaml is none", async () => {
    await mkdir(join(folder, "tilth.yaml"));
    await expect(findWorkspace(folder)).rejects.toMatchObject({ code: "workspace/not-found", message: expect.stringContaining(folder) });
  });
});

describe("opening", () => {
  test("makes nothing before it is asked for", async () => {
    await createWorkspace(folder, { packs: ["assistant"] });
    const before = await readdir(join(folder, ".tilth"));
    const workspace = await open();
    expect(workspace).toMatchObject({ paths: workspacePaths(folder), toolVersion: "0.0.0", packs: { names: ["assistant"] } });
    expect(await readdir(join(folder, ".tilth"))).toEqual(before);
    await workspace.close();
  });

  test("opens each part once, however often it is asked for", async () => {
    await createWorkspace(folder, { packs: [] });
    const workspace = await open();
    const [one, other] = await Promise.all([workspace.storage(), workspace.storage()]);
    expect(one).toBe(other);
    expect(await workspace.objects()).toBe(await workspace.objects());
    expect(await workspace.door()).toBe(await workspace.door());
    expect(workspace.duck()).toBe(workspace.duck());
  });

  test("ids sort by the time they were made, and are never the same", async () => {
    await createWorkspace(folder, { packs: [] });
    const workspace = await open();
    const ids = Array.from({ length: 1_000 }, () => workspace.newId());
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(1_000);
  });

  test("what tilth.yaml says lies over the packs", async () => {
    await createWorkspace(folder, { packs: [] });
    await writeFile(
      join(folder, "tilth.yaml"),
      'packs: [assistant]\nsystemPrompt: "You are kind."\nprivacy: { allow: [ana@example.org] }\n',
    );
    const workspace = await open();
    expect(workspace.packs.pack).toMatchObject({ systemPrompt: "You are kind.", tier: { warningCap: "none" } });
    expect(workspace.redactor.text("ana@example.org, ben@example.org").text).toBe("ana@example.org, [REDACTED_EMAIL]");
  });

  test.each([
    ["an unknown key, naming the nearest", "pakcs: [assistant]\n", "config/invalid", "packs"],
    ["what is no YAML", "packs: [assistant\n", "config/invalid", "line"],
    ["an unknown pack", "packs: [asistant]\n", "pack/not-found", "assistant"],
  ])("refuses %s", async (_, text, code, told) => {
    await writeFile(join(folder, "tilth.yaml"), text);
    await expect(openWorkspace(folder, { toolVersion: "0.0.0" })).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
  });

  test("refuses a folder that is no workspace", async () => {
    await expect(openWorkspace(folder, { toolVersion: "0.0.0" })).rejects.toMatchObject({ code: "workspace/not-found" });
  });

  test("a data folder that cannot be made is told, and closing afterwards still works", async () => {
    await writeFile(join(folder, "tilth.yaml"), "packs: []\n");
    await writeFile(join(folder, ".tilth"), "a file in the way");
    const workspace = await open();
    await expect(workspace.storage()).rejects.toMatchObject({ code: "workspace/not-writable", kind: "storage" });
    await workspace.close();
  });
});

describe("a configuration without its data folder, as a fresh clone has it", () => {
  test("gets a data folder that git ignores and a key of its own", async () => {
    await writeFile(join(folder, "tilth.yaml"), "packs: [assistant]\n");
    const workspace = await open();
    const passage = (await workspace.door())(
      { kind: "text", text: "The first line after a clone.", createdBy: "ana@example.org" },
      { actor: "user:test" },
    );
    expect(passage).toMatchObject({ row: { row: { created_by: expect.stringMatching(/^person_[0-9a-f]{20}$/) } } });
    await workspace.storage();
    expect(await readFile(join(folder, ".tilth", ".gitignore"), "utf8")).toBe("*\n");
    const key = await stat(join(folder, ".tilth", "keys", "subject.key"));
    expect([key.size, key.mode & 0o777]).toEqual([32, 0o600]);
  });

  test("but a pool whose key was lost is not given another: pseudonyms would no longer meet", async () => {
    await createWorkspace(folder, { packs: [] });
    const first = await open();
    await first.storage();
    await first.close();
    await rm(join(folder, ".tilth", "keys", "subject.key"));
    const workspace = await open();
    await expect(workspace.door()).rejects.toMatchObject({
      code: "workspace/key-missing",
      kind: "storage",
      message: expect.stringContaining("subject.key"),
    });
  });
});

describe("closing", () => {
  test("keeps what was stored for the next to open", async () => {
    await createWorkspace(folder, { packs: [] });
    const first = await open();
    const passage = (await first.door())({ kind: "text", text: "A line that stays." }, { actor: "user:test" });
    if ("refused" in passage) throw new Error(passage.message);
    const captured = (await first.storage()).capture([passage.row], { actor: "user:test", atMs: 1, rulesVersion: "1" });
    await first.close();
    expect(await captured).toMatchObject([{ status: "accepted" }]);
    const second = await open();
    const stored = await (await second.storage()).read(({ queries }) => queries.selectFrom("example").select("id").execute());
    expect(stored).toEqual([{ id: passage.row.row.id }]);
  });

  test("may happen twice, and before anything was opened", async () => {
    await createWorkspace(folder, { packs: [] });
    const workspace = await open();
    await workspace.close();
    await workspace.storage();
    await workspace.close();
    await workspace.close();
    await expect(
      workspace.storage().then((storage) => storage.read(({ queries }) => queries.selectFrom("example").select("id").execute())),
    ).rejects.toMatchObject({ code: "storage/closed" });
  });
});

test.each(["storage: postgres://localhost/tilth", "objects: s3://bucket/prefix", "plugins: [./mine.ts]"])(
  "a setting this Tilth cannot honour is refused, not passed over: %s",
  async (line) => {
    const folder = await mkdtemp(join(tmpdir(), "tilth-unsupported-"));
    try {
      await writeFile(join(folder, "tilth.yaml"), `${line}\n`);
      await expect(openWorkspace(folder, { toolVersion: "1" })).rejects.toMatchObject({ code: "config/unsupported" });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
