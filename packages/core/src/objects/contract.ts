import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256Hex } from "../text/hash.ts";
import type { Objects } from "./objects.ts";
import { objectKey, putJson } from "./objects.ts";

/** What every kind of object store keeps; `open` gives an empty one. */
export function describeObjects(
  name: string,
  open: () => Promise<{ readonly objects: Objects; readonly close: () => Promise<void> }>,
): void {
  describe(`objects in a ${name}`, () => {
    let objects: Objects;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ objects, close } = await open());
    });
    afterAll(() => close());

    const keys = async (prefix: string, limit?: number): Promise<readonly string[]> =>
      (await Array.fromAsync(objects.list(prefix, limit))).map((entry) => entry.key);

    async function put(text: string): Promise<string> {
      const file = objects.temporary();
      await writeFile(file, text);
      const key = objectKey(sha256Hex(text), "parquet");
      await objects.put(key, file, sha256Hex(text));
      return key;
    }

    test("gives back the bytes that were put, whole, in part and as a file", async () => {
      const key = await put("0123456789");
      expect(Buffer.from(await objects.get(key)).toString()).toBe("0123456789");
      expect(Buffer.from(await objects.get(key, [2, 5])).toString()).toBe("234");
      expect(Buffer.from(await objects.get(key, [8, 99])).toString()).toBe("89");
      expect(await readFile(await objects.local(key), "utf8")).toBe("0123456789");
    });

    test("takes the file away, and takes the same object twice", async () => {
      const file = objects.temporary();
      await writeFile(file, "twice");
      const key = await put("twice");
      await objects.put(key, file, sha256Hex("twice"));
      await expect(readFile(file)).rejects.toThrow("ENOENT");
      expect(await keys(key)).toEqual([key]);
    });

    test("takes over an object that is there, and says how long it is", async () => {
      expect(await objects.adopt(await put("put by somebody else"))).toBe(20);
      expect(await objects.adopt(objectKey(sha256Hex("put by nobody"), "parquet"))).toBeUndefined();
    });

    test("stores JSON in canonical form under its own hash", async () => {
      const sha256 = await putJson(objects, { b: 1, a: [true] });
      expect(Buffer.from(await objects.get(objectKey(sha256, "json"))).toString()).toBe('{"a":[true],"b":1}');
      expect(sha256).toBe(sha256Hex('{"a":[true],"b":1}'));
    });

    test("says which object is missing", async () => {
      const key = objectKey(sha256Hex("nobody put this"), "json");
      await expect(objects.get(key)).rejects.toMatchObject({ code: "storage/object-missing", details: { key } });
      await expect(objects.local(key)).rejects.toMatchObject({ code: "storage/object-missing" });
    });

    test("lets exactly one of many writers have a name", async () => {
      const writers = Array.from({ length: 20 }, (_, i) => Buffer.from(`writer ${i}`));
      const won = await Promise.all(writers.map((bytes) => objects.putIfAbsent("refs/race/main/1.json", bytes)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(Buffer.from(await objects.get("refs/race/main/1.json"))).toEqual(writers[won.indexOf(true)]);
      expect(await objects.putIfAbsent("refs/race/main/1.json", Buffer.from("late"))).toBe(false);
    });

    test("lists in byte order of whole keys, by any beginning of a key, as many as wanted", async () => {
      const names = [
        "refs/a/main/2.json",
        "refs/a-b/main/1.json",
        "refs/a/main/10.json",
        "refs/a.c/main/1.json",
        "refs/a0/main/1.json",
        "refs/a/Main/1.json",
      ];
      for (const key of names) await objects.putIfAbsent(key, Buffer.from("{}"));
      const sorted = [
        "refs/a-b/main/1.json",
        "refs/a.c/main/1.json",
        "refs/a/Main/1.json",
        "refs/a/main/10.json",
        "refs/a/main/2.json",
        "refs/a0/main/1.json",
      ];
      expect(await keys("refs/a")).toEqual(sorted);
      expect(await keys("refs/a/main/")).toEqual(["refs/a/main/10.json", "refs/a/main/2.json"]);
      expect(await keys("refs/a/main/1")).toEqual(["refs/a/main/10.json"]);
      expect(await keys("refs/a", 2)).toEqual(sorted.slice(0, 2));
      expect(await keys("refs/nothing/")).toEqual([]);
      const [entry] = await Array.fromAsync(objects.list("refs/a/Main/"));
      expect(entry?.bytes).toBe(2);
      expect(Math.abs(Date.now() - (entry?.modified ?? 0))).toBeLessThan(600_000);
    });

    test("deletes, and does not mind what is not there", async () => {
      const key = await put("short-lived");
      await objects.delete(key);
      await objects.delete(key);
      expect(await keys(key)).toEqual([]);
    });

    test.each(["../outside", "objects/../x", "/etc/passwd", "", "objects//x", "a b"])("refuses the key %j", async (key) => {
      await expect(objects.putIfAbsent(key, Buffer.from("x"))).rejects.toMatchObject({ code: "input/invalid" });
    });
  });
}
