import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { pauseMs: 1_000 } });
  await server.fetch("/datasets/import?name=garden", { method: "POST", body: jsonLines(chats(40)) });
});
afterAll(() => server.end());

describe("an upload", () => {
  test("is read packed and unpacked, and named as its sender names it", async () => {
    const headers = { "content-encoding": "gzip", "content-disposition": 'attachment; filename="folder/notes.jsonl"' };
    const response = await server.fetch("/import?dataset=garden", { method: "POST", body: gzipSync(jsonLines(chats(3, 100))), headers });
    expect(await response.json()).toMatchObject({ accepted: 3, file: "notes.jsonl" });
    const packed = await server.fetch("/import", { method: "POST", body: gzipSync(jsonLines(chats(3, 100))) });
    expect(await packed.json()).toMatchObject({ duplicate: 3, file: "upload" });
  });

  test("is the body itself, whatever `curl --data-binary` calls it; of parts it says what to send instead", async () => {
    const body = jsonLines(chats(3, 200));
    const asForm = await server.fetch("/import", {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(await asForm.json()).toMatchObject({ accepted: 3 });
    const parts = await server.fetch("/import", { method: "POST", body, headers: { "content-type": "multipart/mixed; boundary=x" } });
    expect([parts.status, await parts.text()]).toEqual([415, expect.stringContaining("curl --data-binary @FILE")]);
  });

  test("much larger than memory may hold at once is read as it comes", async () => {
    const rows = jsonLines(chats(1_000, 0));
    const sent = { bytes: 0 };
    const body = new ReadableStream({
      pull(controller) {
        if (sent.bytes > 60_000_000) return controller.close();
        sent.bytes += rows.length;
        controller.enqueue(Buffer.from(rows));
      },
    });
    global.gc?.();
    const before = process.memoryUsage().rss;
    const response = await server.fetch("/import?limit=2000", { method: "POST", body, duplex: "half" });
    expect(await response.json()).toMatchObject({ read: 2_000 });
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
  });

  test("that is no text, empty, or claims to be packed is refused without a fault of the server", async () => {
    const status = async (body: Buffer | string, headers: Record<string, string> = {}): Promise<number> =>
      (await server.fetch("/import", { method: "POST", body, headers })).status;
    expect(await status(randomBytes(10_000))).toBe(415);
    expect(await status("")).toBe(422);
    expect(await status("no gzip", { "content-encoding": "gzip" })).toBe(422);
    expect(await status(gzipSync(jsonLines(chats(2))).subarray(0, 60), { "content-encoding": "gzip" })).toBeLessThan(500);
    expect(await status("x", { "content-encoding": "br" })).toBe(415);
  });

  test("that unpacks to far more than it was is stopped", async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(jsonLines(chats(1, 9_000))), Buffer.alloc(200_000_000, "\n")]));
    const response = await server.fetch("/import", { method: "POST", body: bomb, headers: { "content-encoding": "gzip" } });
    expect(JSON.stringify(await response.json())).toContain("unpacks to more than 500 times its size");
  });

  test("that stops in the middle keeps what came, and the server goes on", async () => {
    const rows = jsonLines(chats(4_000, 20_000));
    await new Promise<void>((resolve) => {
      const outgoing = request(`${server.origin}/api/training-data/import`, {
        method: "POST",
        headers: { "content-length": rows.length * 2 },
      });
      outgoing.on("error", () => resolve());
      outgoing.on("close", () => resolve());
      outgoing.write(rows, () => setTimeout(() => outgoing.destroy(), 50));
    });
    expect((await server.fetch("/stats")).status).toBe(200);
    await expect.poll(() => server.app.load.inFlight()).toBe(0);
  });

  test("that pauses too long is refused as too slow", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(`${server.origin}/api/training-data/datasets`, {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": 100 },
      });
      outgoing.on("response", (response) => resolve(response.statusCode));
      outgoing.on("error", reject);
      outgoing.write("{");
    });
    expect(status).toBe(408);
  });

  test("has a largest size, told before or found out on the way", async () => {
    const small = await startTestServer({ limits: { uploadBytes: 1_000 } });
    try {
      const rows = jsonLines(chats(20));
      expect((await small.fetch("/import", { method: "POST", body: rows })).status).toBe(413);
      const body = new Blob([rows]).stream();
      expect((await small.fetch("/import", { method: "POST", body, duplex: "half" })).status).toBe(413);
    } finally {
      await small.end();
    }
  });
});

describe("an upload in pieces", () => {
  const base = "/uploads";
  const begin = async (length: number): Promise<string> => {
    const response = await server.fetch(base, {
      method: "POST",
      headers: { "upload-length": String(length), "content-disposition": "attachment; filename=pieces.jsonl" },
    });
    expect([response.status, response.headers.get("upload-offset")]).toEqual([201, "0"]);
    return response.headers.get("location")?.replace("/api/training-data", "") ?? "";
  };
  const add = (place: string, offset: number, body: Uint8Array | string): Promise<Response> =>
    server.fetch(place, { method: "PATCH", body, headers: { "upload-offset": String(offset) } });

  test("goes on where it was left and is used by its id", async () => {
    const bytes = Buffer.from(jsonLines(chats(10, 50_000)));
    const place = await begin(bytes.length);
    expect((await add(place, 0, bytes.subarray(0, 500))).headers.get("upload-offset")).toBe("500");
    const early = await server.fetch(`/import?upload=${place.split("/").at(-1)}`, { method: "POST" });
    expect([early.status, ((await early.json()) as { code: string }).code]).toEqual([409, "upload/incomplete"]);
    const wrong = await add(place, 100, bytes.subarray(100));
    expect([wrong.status, ((await wrong.json()) as { details: object }).details]).toEqual([409, { offset: 500, given: 100 }]);
    const asked = await server.fetch(place, { method: "HEAD" });
    expect([asked.headers.get("upload-offset"), asked.headers.get("upload-length")]).toEqual(["500", String(bytes.length)]);
    await add(place, 500, bytes.subarray(500));
    const used = await server.fetch(`/datasets/garden/upload?upload=${place.split("/").at(-1)}`, { method: "POST" });
    expect(await used.json()).toMatchObject({ report: { accepted: 10, file: "pieces.jsonl" }, version: { created: true } });
    expect((await server.fetch(place, { method: "DELETE" })).status).toBe(204);
    expect((await server.fetch(place)).status).toBe(404);
  });

  test("keeps what came before the connection ended", async () => {
    const place = await begin(1_000);
    await new Promise<void>((resolve) => {
      const outgoing = request(`${server.origin}/api/training-data${place}`, {
        method: "PATCH",
        headers: { "upload-offset": 0, "content-length": 1_000 },
      });
      outgoing.on("close", () => resolve());
      outgoing.on("error", () => undefined);
      outgoing.write("x".repeat(400), () => setTimeout(() => outgoing.destroy(), 100));
    });
    await expect.poll(async () => (await server.fetch(place, { method: "HEAD" })).headers.get("upload-offset")).toBe("400");
  });

  test("refuses what is no upload of one's own", async () => {
    for (const id of ["00000000-0000-4000-8000-000000000000", "..%2F..%2Ftilth.yaml", "x"])
      expect((await server.fetch(`${base}/${id}`)).status).toBe(404);
    expect((await server.fetch(`${base}/x`, { method: "PATCH", body: "x" })).status).toBe(400);
    expect((await server.fetch(`${base}?name=x`, { method: "POST" })).status).toBe(400);
    expect((await server.fetch(base, { method: "POST", headers: { "upload-length": "-1" } })).status).toBe(400);
  });
});

describe("an export", () => {
  test("is told of as a report, and its files lie where the report says", async () => {
    const report = (await (await server.fetch("/datasets/garden/export?format=openai-chat&version=1.0")).json()) as {
      folder: string;
      files: { name: string; sha256: string; bytes: number }[];
    };
    expect(report.folder).toMatch(/^\/api\/training-data\/exports\/http-[0-9a-f]{20}$/);
    const [file] = report.files;
    const response = await fetch(`${server.origin}${report.folder}/${file?.name}`);
    expect(response.headers.get("etag")).toBe(`"${file?.sha256}"`);
    expect((await response.bytes()).length).toBe(file?.bytes);
  });

  test("is sent itself where it is asked for, whole or in ranges", async () => {
    const path = "/datasets/garden/export?format=openai-chat&version=1.0&split=false&download=true";
    const whole = await server.fetch(path);
    const text = await whole.text();
    expect([whole.status, text.trim().split("\n").length]).toEqual([200, 40]);
    expect(whole.headers.get("content-disposition")).toContain("attachment");
    const place = `${server.origin}${whole.headers.get("content-location")}`;
    const part = async (range: string, headers: Record<string, string> = {}): Promise<readonly [number, string, string | null]> => {
      const response = await fetch(place, { headers: { range, ...headers } });
      return [response.status, await response.text(), response.headers.get("content-range")];
    };
    expect(await part("bytes=10-19")).toEqual([206, text.slice(10, 20), `bytes 10-19/${text.length}`]);
    expect(await part("bytes=-5")).toEqual([206, text.slice(-5), `bytes ${text.length - 5}-${text.length - 1}/${text.length}`]);
    expect(await part(`bytes=${text.length - 3}-`)).toEqual([
      206,
      text.slice(-3),
      `bytes ${text.length - 3}-${text.length - 1}/${text.length}`,
    ]);
    expect((await part(`bytes=${text.length}-`))[0]).toBe(416);
    expect((await part("bytes=5-1"))[0]).toBe(200);
    expect((await part("bytes=0-1,4-5"))[0]).toBe(200);
    expect((await part("bytes=0-9", { "if-range": '"another"' }))[0]).toBe(200);
    expect((await part("bytes=0-9", { "if-range": whole.headers.get("etag") ?? "" }))[0]).toBe(206);
    expect((await fetch(place, { headers: { "if-none-match": whole.headers.get("etag") ?? "" } })).status).toBe(304);
    const head = await fetch(place, { method: "HEAD" });
    expect([head.headers.get("content-length"), await head.text()]).toEqual([String(text.length), ""]);
  });

  test("of other options lies elsewhere, so that nobody's file becomes another's", async () => {
    const folder = async (query: string): Promise<string> =>
      ((await (await server.fetch(`/datasets/garden/export?version=1.0&${query}`)).json()) as { folder: string }).folder;
    const [one, other, again] = [await folder("format=tilth"), await folder("format=tilth&limit=3"), await folder("format=tilth")];
    expect([one === again, one === other]).toEqual([true, false]);
  });

  test("gives no file that it did not write", async () => {
    const secret = join(server.workspace.paths.exports, "secret.txt");
    await mkdir(server.workspace.paths.exports, { recursive: true });
    await writeFile(secret, "secret");
    const [folder = ""] = (await readdir(server.workspace.paths.exports)).filter((name) => name.startsWith("http-"));
    for (const path of [
      `${folder}/..%2Fsecret.txt`,
      `${folder}/.tilth-ids`,
      `${folder}/.tilth-ids/..%2F.tilth-receipt.json`,
      "..%2F..%2Ftilth.yaml",
      "../../tilth.yaml",
      "../exports/secret.txt",
      "secret.txt/x",
      `${folder}/%00`,
    ]) {
      const response = await server.fetch(`/exports/${path}`);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.text()).not.toContain("secret\n");
    }
    expect(await readFile(secret, "utf8")).toBe("secret");
  });

  test("names the files there are where another is asked for", async () => {
    const response = await server.fetch("/datasets/garden/export?version=1.0&download=nothing");
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([404, expect.stringContaining("train.")]);
  });
});
