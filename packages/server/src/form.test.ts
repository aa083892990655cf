import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { pauseMs: 1_000 } });
});
afterAll(() => server.end());

const boundary = "between-the-parts";
const rows = (from: number): string => jsonLines(chats(3, from));

interface Part {
  readonly name: string;
  readonly text: string;
  readonly file?: string;
  readonly headers?: string;
}

function form(...parts: readonly Part[]): string {
  const written = parts.map(
    ({ name, text, file, headers = "" }) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? "" : `; filename="${file}"`}\r\n${headers}\r\n${text}\r\n`,
  );
  return `${written.join("")}--${boundary}--\r\n`;
}

async function post(body: string | Uint8Array, path = "/import", headers: Record<string, string> = {}) {
  const response = await server.fetch(path, {
    method: "POST",
    body,
    headers: { "content-type": `multipart/form-data; boundary=${boundary}`, ...headers },
  });
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code: json["code"], json };
}

test("a form brings the file, its name, and in its texts what the address would say", async () => {
  const file = { name: "file", file: "garden.jsonl", text: rows(0) };
  const { status, json } = await post(
    form({ name: "dataset", text: "Garden" }, { name: "tags", text: "a" }, { name: "tags", text: "b" }, file),
  );
  expect([status, json]).toEqual([200, expect.objectContaining({ accepted: 3, file: "garden.jsonl" })]);
  const { examples } = await server.call("example.list", { dataset: "garden" });
  expect(examples[0]?.tags).toEqual(expect.arrayContaining(["a", "b"]));
});

test("as FormData sends it, and packed", async () => {
  const data = new FormData();
  data.set("dataset", "Sent");
  data.set("file", new Blob([rows(20)]), "rows.jsonl");
  const response = await server.fetch("/import", { method: "POST", body: data });
  expect(await response.json()).toMatchObject({ accepted: 3, file: "rows.jsonl" });
  const packed = gzipSync(form({ name: "file", file: "rows.jsonl", text: rows(30) }));
  expect(await post(packed, "/import", { "content-encoding": "gzip" })).toMatchObject({ status: 200, json: { accepted: 3 } });
});

test("a large file comes in as it arrives", async () => {
  const [start = "", end = ""] = form({ name: "file", file: "a.jsonl", text: "|" }).split("|");
  const piece = rows(0).repeat(1_000);
  let sent = 0;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(start)),
    pull(controller) {
      sent += piece.length;
      controller.enqueue(Buffer.from(sent < 30_000_000 ? piece : end));
      if (sent >= 30_000_000) controller.close();
    },
  });
  const response = await server.fetch("/import?limit=2000", {
    method: "POST",
    body,
    duplex: "half",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  });
  expect([response.status, ((await response.json()) as { read?: number }).read]).toEqual([200, 2_000]);
});

describe("refuses", () => {
  const file: Part = { name: "file", file: "rows.jsonl", text: rows(50) };

  test.each<[string, string, string, number, string]>([
    ["no boundary", form(file), "multipart/form-data", 400, "request/malformed"],
    ["another boundary", form(file), "multipart/form-data; boundary=other", 422, "input/damaged"],
    ["another kind of parts", form(file), `multipart/mixed; boundary=${boundary}`, 415, "request/media-type"],
    ["no file", form({ name: "dataset", text: "Garden" }), "", 400, "request/malformed"],
    ["nothing", "", "", 422, "input/damaged"],
    ["a file twice", form(file, file), "", 400, "request/malformed"],
    ["a text behind the file", form(file, { name: "dataset", text: "Garden" }), "", 400, "request/malformed"],
    ["a text that the operation does not know", form({ name: "colour", text: "red" }, file), "", 400, "request/query"],
    ["a place of the server", form({ name: "file", text: "/etc/passwd" }, file), "", 400, "request/query"],
    ["a member of every object", form({ name: "__proto__", text: "x" }, file), "", 400, "request/query"],
    ["a text without end", form({ name: "dataset", text: "x".repeat(70_000) }, file), "", 413, "request/too-large"],
    ["10,000 parts", form(...Array.from({ length: 10_000 }, () => ({ name: "tag", text: "x" })), file), "", 400, "request/malformed"],
    ["headers without end", form({ ...file, headers: `X-Long: ${"x".repeat(5_000_000)}\r\n` }), "", 413, "request/too-large"],
    ["a beginning without end", `${"x".repeat(5_000_000)}\r\n${form(file)}`, "", 413, "request/too-large"],
    ["an end in the middle of the file", form(file).slice(0, -60), "", 422, "input/damaged"],
  ])("%s", async (_, body, type, status, code) => {
    const got = await post(body, "/import", type === "" ? {} : { "content-type": type });
    expect([got.status, got.code, got.json["detail"]]).toEqual([status, code, got.json["detail"]]);
  });

  test("what the address and the form both say", async () => {
    const got = await post(form({ name: "dataset", text: "Garden" }, file), "/import?dataset=Garden");
    expect(got).toMatchObject({ status: 400, code: "request/query" });
  });

  test("and takes no folder from a name", async () => {
    for (const [n, name] of ["../../etc/passwd.jsonl", "..\\..\\passwd.jsonl", "/etc/passwd.jsonl", "C:\\passwd.jsonl"].entries()) {
      const { json } = await post(form({ name: "file", file: name, text: rows(100 + n * 3) }));
      expect(json).toMatchObject({ accepted: 3, file: "passwd.jsonl" });
    }
  });

  test("a sender who is gone in the middle, and goes on with others", async () => {
    const body = form({ ...file, text: rows(200).repeat(500) });
    await new Promise<void>((resolve) => {
      const outgoing = request(`${server.origin}/api/training-data/import`, {
        method: "POST",
        headers: { "content-type": `multipart/form-data; boundary=${boundary}`, "content-length": body.length },
      });
      outgoing.on("error", () => resolve());
      outgoing.on("close", () => resolve());
      outgoing.write(body.slice(0, 100_000), () => setTimeout(() => outgoing.destroy(), 50));
    });
    await expect.poll(() => server.app.load.inFlight()).toBe(0);
    expect((await server.fetch("/stats")).status).toBe(200);
  });
});
