import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { credentialsPath, dropKey, keyFor, knownServers, storeKey } from "./credentials.ts";

let folder: string;
const { XDG_CONFIG_HOME, TILTH_KEY } = process.env;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-credentials-"));
  process.env["XDG_CONFIG_HOME"] = folder;
  delete process.env["TILTH_KEY"];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  for (const [name, value] of Object.entries({ XDG_CONFIG_HOME, TILTH_KEY })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const posix = process.platform !== "win32";

test("a key is kept by the origin of its server, for its owner alone", async () => {
  expect(await keyFor("https://a.example")).toBeUndefined();
  await storeKey("https://a.example/tilth/", "tilth_a");
  await storeKey("https://b.example:8443", "tilth_b");
  expect(await keyFor("https://A.example/other")).toBe("tilth_a");
  expect(await keyFor("http://a.example")).toBeUndefined();
  expect(await knownServers()).toEqual(["https://a.example", "https://b.example:8443"]);
  expect((await stat(credentialsPath())).mode & 0o777).toBe(posix ? 0o600 : 0o666);
  expect([await dropKey("https://a.example"), await dropKey("https://a.example"), await knownServers()]).toEqual([
    true,
    false,
    ["https://b.example:8443"],
  ]);
});

test("TILTH_KEY counts before the file, which is not even looked at", async () => {
  await storeKey("https://a.example", "tilth_a");
  await writeFile(credentialsPath(), "not JSON");
  process.env["TILTH_KEY"] = "tilth_env";
  expect(await keyFor("https://a.example")).toBe("tilth_env");
});

describe("a file that cannot be trusted", () => {
  test.skipIf(!posix)("because others can read it is refused, also to write into", async () => {
    await storeKey("https://a.example", "tilth_a");
    await chmod(credentialsPath(), 0o640);
    const refused = { code: "credentials/open", message: expect.stringMatching(/can be read by others \(640\).*chmod 600/) };
    await expect(keyFor("https://a.example")).rejects.toMatchObject(refused);
    await expect(storeKey("https://b.example", "x")).rejects.toMatchObject(refused);
  });

  test.each(["{", "[]", '{"https://a.example":"tilth_secret"}'])("because it holds %s is refused, and not quoted", async (text) => {
    await storeKey("https://a.example", "tilth_a");
    await writeFile(credentialsPath(), text);
    await expect(keyFor("https://a.example")).rejects.toMatchObject({
      code: "credentials/damaged",
      message: expect.not.stringContaining("secret"),
    });
    expect(await readFile(credentialsPath(), "utf8")).toBe(text);
  });
});

test("the place follows the platform", () => {
  expect(credentialsPath({ XDG_CONFIG_HOME: "/x" }, "linux")).toBe(join("/x", "tilth", "credentials.json"));
  expect(credentialsPath({ APPDATA: "/roaming" }, "win32")).toBe(join("/roaming", "tilth", "credentials.json"));
  expect(dirname(dirname(credentialsPath({}, "linux")))).toMatch(/[/\\]\.config$/);
});
