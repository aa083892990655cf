import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultLimits } from "../../packages/server/src/limits.ts";
import type { Serving } from "../journeys/serving.ts";
import { startServing } from "../journeys/serving.ts";
import { program } from "../journeys/tilth.ts";
import type { Typed } from "./shell.ts";
import { commandsOf, hasShell, typeIn } from "./shell.ts";

const guide = fileURLToPath(new URL("../../docs/server.md", import.meta.url));
const CURL_TIMED_OUT = 28;

test.runIf(process.env["CI"] !== undefined)("bash and curl are there: without them the guide is not tried", () => {
  expect(hasShell).toBe(true);
});

/** The cells of the table below a heading, a row a list. */
async function tableBelow(heading: string, firstCell: string): Promise<readonly (readonly string[])[]> {
  const below = (await readFile(guide, "utf8")).split(`\n${heading}\n`)[1] ?? "";
  const from = below.slice(below.indexOf(`| ${firstCell} |`));
  const rows = from
    .split("\n\n")[0]
    ?.split("\n")
    .slice(2)
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
  return (rows ?? []).map((cells) => cells.map((cell) => cell.trim()));
}

test("the table of limits says what the server does", async () => {
  const stated = new Map((await tableBelow("## Limits", "what")).map(([what = "", limit = ""]) => [what, limit]));
  const { jsonBytes, listBytes, uploadBytes, uploads, keys, ...times } = defaultLimits;
  const hours = (ms: number): string => (ms === 86_400_000 ? "a day each" : `${ms / 3_600_000} hours each`);
  const expected: Readonly<Record<string, string>> = {
    "JSON body, unpacked": `${jsonBytes / 1e6} MB`,
    "captured events a call": `1,000, ${listBytes / 1e6} MB unpacked`,
    "uploaded file": `${uploadBytes / 1e12} TB`,
    "time for a JSON body to arrive": `${times.jsonMs / 1000} s`,
    "pause in an upload": `${times.pauseMs / 1000} s`,
    "uploads begun and not finished": `${uploads.count}, ${uploads.bytes / 1e9} GB together, ${hours(uploads.ageMs)}`,
    "requests at the same time": `${times.inFlight}, then 503 with \`Retry-After\``,
    "delay of the event loop": `${times.loopDelayMs} ms, then 503 with \`Retry-After\``,
    "jobs at the same time": String(times.jobs),
    "readers of live events": String(times.eventClients),
    "remembered idempotency keys": `${keys.count.toLocaleString("en-US")}, ${hours(keys.ageMs)}`,
    "time for requests to end when the server is stopped": `${times.drainMs / 1000} s`,
  };
  for (const [what, limit] of Object.entries(expected)) expect([what, stated.get(what)]).toEqual([what, limit]);
});

describe.skipIf(!hasShell)("the guide's commands, typed into bash (skipped where bash or curl is missing)", { timeout: 300_000 }, () => {
  let folder: string;
  let serving: Serving;
  let typed: readonly Typed[];
  const told = (words: string): Typed => {
    const found = typed.filter(({ text }) => text.includes(words));
    expect(found, words).toHaveLength(1);
    return found[0] ?? expect.fail(words);
  };

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "tilth-guide-")), "workspace");
    spawnSync(process.execPath, [program, "init", "--pack", "assistant", "-w", folder]);
    serving = await startServing([program, "serve", "--port", "0"], { cwd: folder });
    const { host } = new URL(serving.address);
    const mine = commandsOf("docs/server.md").filter(({ text }) => !text.startsWith("tilth serve"));
    typed = await typeIn(
      // Streams without an end are left after a while.
      mine.map(({ text, line }) => ({ text: text.replaceAll("127.0.0.1:7420", host).replace(/^curl (.*)-N /, "curl -m 3 $1-N "), line })),
      { cwd: folder },
    );
  }, 300_000);
  afterAll(async () => {
    await serving.stop();
    await rm(join(folder, ".."), { recursive: true, force: true });
  });

  test("each of them works, and answers with the status that stands behind it", () => {
    const wrong = typed.filter(({ text, code, status }) => {
      const stated = Number(/# (\d{3})\b/.exec(text)?.[1] ?? 200);
      const isCode = code === 0 || (code === CURL_TIMED_OUT && text.includes("-m 3"));
      const isStatus = status === undefined || status === stated || (stated === 200 && status > 200 && status < 300);
      return !isCode || !isStatus;
    });
    expect(wrong.map(({ line, text, code, status, said }) => ({ line, text, code, status, said: said.slice(0, 2_000) }))).toEqual([]);
    expect(typed.length).toBeGreaterThan(60);
  });

  test.each([
    ["tilth audit list", /key\.create|dataset\.create|user\.create/],
    ["$api/../session", /"actor":"key:guide"/],
    ["dryRun=true", /"dryRun":true.*"read":2,"accepted":2/],
    ['-T chats.jsonl "$api/import?dataset=help" ', /"accepted":2/],
    ["-T chats.jsonl.gz", /"duplicate":2/],
    ["upload=${place##*/}", /"read":2.*"duplicate":2/],
    ["Prefer: respond-async", /"operation":"example.import","status":"(waiting|running|done)"/],
    ["$api/jobs/$job  ", /"status":"(running|done)"/],
    ["$api/jobs/$job/events", /event: end\ndata: .*"status":"done"/],
    ["$api/events?dataset=help", /event: change\ndata: \{"seq":\d+/],
    ["data-binary @events.jsonl", /"accepted":2,"duplicate":0,"rejected":\[\]/],
    ["data-binary @<(gzip", /"accepted":0,"duplicate":2|"duplicate":2/],
    ["# 412", /"code":"(request|example)\/stale".*"current":/],
    ["where=kind = chat", /reset my password/],
    ["search?query", /reset my password|"pending":[1-9]/],
    ["# 404", /Did you mean help\?/],
    ["# 401", /"code":"auth\/required"/],
    ["tilth login", /works and is kept in .*\.config/],
    ["tilth list --where", /reset my password/],
    ["/health ", /"status":"healthy"/],
    ["tilth backup", /✓/],
  ])("%s", (words, answer) => {
    const found = typed.filter(({ text }) => text.includes(words) && !text.startsWith("cat"));
    expect(found.length, words).toBeGreaterThan(0);
    expect(found[0]?.said).toMatch(answer);
  });

  test("the same request under one key answers the same, once done", () => {
    const [first, second] = typed.filter(({ text }) => text.includes("Idempotency-Key: first-note"));
    expect(first?.said).toContain(`"id":"`);
    expect(second?.said).toBe(first?.said);
  });

  test("a download that goes on where it broke off is the whole file", async () => {
    const [name = ""] = (await readdir(folder)).filter((file) => /^(?!chats|events|again).*\.jsonl$/.test(file));
    const whole = await readFile(join(folder, name), "utf8");
    expect(whole.length).toBeGreaterThan(100);
    expect(await readFile(join(folder, "again.jsonl"), "utf8")).toBe(whole);
  });

  test("the table of metrics holds what /metrics offers, each with its type", async () => {
    const offered = [...told("/metrics").said.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [`\`${name}\``, type]);
    const stated = (await tableBelow("## Health, metrics, logs", "metric")).map(([name, type]) => [name, type]);
    expect(stated.toSorted()).toEqual(offered.toSorted());
  });
});
