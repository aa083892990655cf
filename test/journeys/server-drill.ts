import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { createUlids, systemClock, systemRandom } from "../../packages/core/src/text/ulid.ts";
import type { Journey } from "./tilth.ts";
import { program, startJourney } from "./tilth.ts";

/** How a server is ended: asked to stop, or not asked. */
export type Blow = "SIGTERM" | "SIGKILL";

/** One round: what was acknowledged before the blow, and what was not kept after it. */
export interface Round {
  readonly acknowledged: Readonly<Record<Work, number>>;
  /** Requests that ended otherwise than with an answer or a 503 while the server was stopped in an orderly way. */
  readonly problems: readonly string[];
}

/** A workspace whose server is ended again and again while others work with it. */
export interface ServerDrill {
  round(blow: Blow, afterMs: number): Promise<Round>;
  close(): Promise<void>;
}

type Work = "added" | "captured" | "edited" | "imported" | "jobs" | "pieces" | "datasets";

/** What the server said yes to. */
interface Acknowledged {
  readonly added: string[];
  readonly captured: string[];
  /** What an example may say: what was acknowledged last, or what was asked for since and not answered. */
  readonly edited: Map<string, string[]>;
  /** Names of datasets with as many members as were sent. */
  readonly imported: Map<string, number>;
  /** Ids of jobs that fill a dataset, by its name. */
  readonly jobs: Map<string, { readonly id: string; readonly rows: number }>;
  /** Resumable uploads with how much of them is safe. */
  readonly pieces: Map<string, number>;
  readonly datasets: string[];
}

interface Running {
  readonly base: string;
  /** Resolves with the exit code; undefined where a signal ended it. */
  readonly ended: Promise<number | undefined>;
  kill(blow: Blow): void;
}

const JOB_ROWS = 3_000;
const UPLOAD_ROWS = 200;
const PIECE_BYTES = 50_000;

/** Makes a workspace with some examples to edit. */
export async function openServerDrill(): Promise<ServerDrill> {
  const journey = await startJourney();
  await journey.json(0, "init");
  const newId = createUlids(systemClock, systemRandom);
  let rounds = 0;
  return {
    async round(blow, afterMs) {
      const name = `r${rounds++}`;
      const acknowledged: Acknowledged = {
        added: [],
        captured: [],
        edited: new Map(),
        imported: new Map(),
        jobs: new Map(),
        pieces: new Map(),
        datasets: [],
      };
      const problems: string[] = [];
      const server = await serve(journey);
      const stop = new AbortController();
      const working = work({ server, name, newId, acknowledged, stop: stop.signal, problems, isOrderly: blow === "SIGTERM" });
      await wait(afterMs);
      server.kill(blow);
      const code = await server.ended;
      stop.abort();
      await working;
      if (blow === "SIGTERM" && code !== 0) problems.push(`it ended with ${code} when it was asked to stop`);
      const again = await serve(journey);
      try {
        problems.push(...(await missing(again, acknowledged)));
      } finally {
        again.kill("SIGTERM");
        await again.ended;
      }
      problems.push(...(await unsound(journey)));
      return { acknowledged: counts(acknowledged), problems };
    },
    close: () => journey.end(),
  };
}

async function serve(journey: Journey): Promise<Running> {
  const child = spawn(process.execPath, [program, "serve", "--port", "0", "--json"], {
    cwd: journey.folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
  const ended = new Promise<number | undefined>((resolve) => child.on("close", (code) => resolve(code ?? undefined)));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (piece: Buffer) => {
      out += piece.toString();
      const [, found] = /"address":\s*"([^"]+)"/.exec(out) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on("error", reject);
    void ended.then((code) => reject(new Error(`the server ended with ${code} before it listened: ${err}`)));
  });
  return { base: `${address}/api/training-data`, ended, kill: (blow) => void child.kill(blow) };
}

interface Workers {
  readonly server: Running;
  readonly name: string;
  readonly newId: () => string;
  readonly acknowledged: Acknowledged;
  readonly stop: AbortSignal;
  readonly problems: string[];
  /** Asked to stop, a server answers what it has begun. */
  readonly isOrderly: boolean;
}

/** Everybody works at once until the server is gone. */
async function work(workers: Workers): Promise<void> {
  await Promise.all([adding(workers), capturing(workers), editing(workers), importing(workers), startingJobs(workers), sending(workers)]);
}

/** Asks; nothing where the server is gone, or said that it is being stopped. */
async function ask(
  { server: { base }, problems, isOrderly }: Workers,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> } | undefined> {
  try {
    const response = await fetch(`${base}${path}`, {
      method,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    });
    const text = await response.text();
    if (response.status >= 500 && response.status !== 503) problems.push(`${method} ${path} answered ${response.status}: ${text}`);
    if (response.status === 503 || response.status === 429) return undefined;
    const json: unknown = text.startsWith("{") ? JSON.parse(text) : {};
    return { status: response.status, json: { ...Object(json) } };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    const reason = cause !== undefined && "code" in cause ? String(cause.code) : String(cause?.message ?? error);
    // A connection that was kept open may be closed just when the next request is sent; one that is refused never began.
    if (isOrderly && !["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET", "EPIPE"].includes(reason))
      problems.push(`${method} ${path}: ${reason}`);
    return undefined;
  }
}

async function untilStopped({ stop, server }: Workers, turn: (count: number) => Promise<void>): Promise<void> {
  const gone = new AbortController();
  void server.ended.then(() => gone.abort());
  const over = AbortSignal.any([stop, gone.signal]);
  for (let count = 0; !over.aborted; count++) {
    await turn(count);
    await wait(5);
  }
}

async function adding(workers: Workers): Promise<void> {
  const { name, acknowledged } = workers;
  await untilStopped(workers, async (count) => {
    const done = await ask(workers, "POST", "/examples", {
      example: { kind: "text", text: `Bed ${count} of ${name} was dug over by hand today.` },
    });
    const id = idOf(done?.json["example"]);
    if (id !== undefined) acknowledged.added.push(id);
    if (count % 5 !== 0) return;
    const made = await ask(workers, "POST", "/datasets", { name: `${name}-made-${count}` });
    if (made?.status === 200) acknowledged.datasets.push(`${name}-made-${count}`);
  });
}

async function capturing(workers: Workers): Promise<void> {
  const { name, acknowledged, newId } = workers;
  await untilStopped(workers, async (count) => {
    const ids = Array.from({ length: 20 }, newId);
    const events = ids.map((id, index) => ({
      kind: "example",
      example: { id, kind: "text", text: `Sensor ${index} of ${name} saw rain for the ${count}th time this spring.` },
    }));
    const done = await ask(workers, "POST", "/capture", events);
    if (done?.status === 200 && done.json["accepted"] === ids.length) acknowledged.captured.push(...ids);
  });
}

async function editing(workers: Workers): Promise<void> {
  const { acknowledged } = workers;
  await untilStopped(workers, async (count) => {
    const id = acknowledged.added[count % Math.max(1, acknowledged.added.length)];
    if (id === undefined) return;
    const topic = `topic-${count}`;
    acknowledged.edited.set(id, [...(acknowledged.edited.get(id) ?? [""]), topic]);
    const done = await ask(workers, "PATCH", `/examples/${id}`, { set: { topic } });
    if (done?.status === 200) acknowledged.edited.set(id, [topic]);
  });
}

async function importing(workers: Workers): Promise<void> {
  const { name, acknowledged } = workers;
  await untilStopped(workers, async (count) => {
    const dataset = `${name}-file-${count}`;
    const done = await ask(workers, "POST", `/import?dataset=${dataset}&format=tilth`, rows(dataset, UPLOAD_ROWS));
    if (done?.status === 200 && done.json["accepted"] === UPLOAD_ROWS) acknowledged.imported.set(dataset, UPLOAD_ROWS);
  });
}

async function startingJobs(workers: Workers): Promise<void> {
  const { name, acknowledged } = workers;
  await untilStopped(workers, async (count) => {
    if (count > 3) {
      await wait(50);
      return;
    }
    const dataset = `${name}-job-${count}`;
    const done = await ask(workers, "POST", `/import?dataset=${dataset}&format=tilth`, rows(dataset, JOB_ROWS), {
      prefer: "respond-async",
    });
    const { id } = done?.json ?? {};
    if (done?.status === 202 && typeof id === "string") acknowledged.jobs.set(dataset, { id, rows: JOB_ROWS });
  });
}

async function sending(workers: Workers): Promise<void> {
  const { acknowledged } = workers;
  await untilStopped(workers, async () => {
    const begun = await ask(workers, "POST", "/uploads", undefined, { "upload-length": String(PIECE_BYTES * 100) });
    const id = begun?.json["id"];
    if (typeof id !== "string") return;
    for (let offset = 0, open = true; open && offset < PIECE_BYTES * 100;) {
      const headers = { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
      const done = await ask(workers, "PATCH", `/uploads/${id}`, "x".repeat(PIECE_BYTES), headers);
      open = typeof done?.json["offset"] === "number";
      if (open) acknowledged.pieces.set(id, (offset = Number(done?.json["offset"])));
    }
  });
}

function rows(name: string, count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `${JSON.stringify({ kind: "text", text: `Row ${index} of ${name} is sown with beans.` })}\n`,
  ).join("");
}

const PATIENCE_MS = 60_000;

/** What was acknowledged and is not there. */
async function missing({ base }: Running, acknowledged: Acknowledged): Promise<readonly string[]> {
  const problems: string[] = [];
  const get = async (path: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const untilMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const response = await fetch(`${base}${path}`);
      const json: unknown = await response.json();
      if (response.status === 404) return undefined;
      if (response.ok) return { ...Object(json) };
      // On a busy machine it may turn somebody away for a moment.
      if (response.status !== 503 || performance.now() > untilMs) throw new Error(`GET ${path} answered ${response.status}`);
      await wait(200);
    }
  };
  for (const [dataset, { id }] of acknowledged.jobs) {
    const untilMs = performance.now() + PATIENCE_MS;
    let job = await get(`/jobs/${id}`);
    while (["waiting", "running"].includes(String(job?.["status"])) && performance.now() < untilMs) {
      await wait(100);
      job = await get(`/jobs/${id}`);
    }
    if (job?.["status"] !== "done") problems.push(`the job ${id} of ${dataset} is ${textOf(job?.["status"]) || "gone"}`);
    else if (membersOf(job["result"])["accepted"] !== JOB_ROWS)
      problems.push(`the job of ${dataset} says ${String(membersOf(job["result"])["accepted"])} accepted`);
  }
  const filled = [...acknowledged.imported, ...[...acknowledged.jobs].map(([name, { rows: count }]) => [name, count] as const)];
  for (const [dataset, count] of filled) {
    const members = (await get(`/datasets/${dataset}`))?.["members"];
    if (members !== count) problems.push(`${dataset} has ${String(members)} members of ${count}`);
  }
  for (const dataset of acknowledged.datasets) if ((await get(`/datasets/${dataset}`)) === undefined) problems.push(`${dataset} is gone`);
  for (const id of [...acknowledged.added, ...acknowledged.captured])
    if ((await get(`/examples/${id}`)) === undefined) problems.push(`the example ${id} is gone`);
  for (const [id, possible] of acknowledged.edited) {
    const topic = textOf(membersOf((await get(`/examples/${id}`))?.["example"])["topic"]);
    if (!possible.includes(topic)) problems.push(`${id} says ${topic}, not ${possible.join(" or ")}`);
  }
  for (const [id, offset] of acknowledged.pieces) {
    const found = (await get(`/uploads/${id}`))?.["offset"];
    if (typeof found !== "number" || found < offset) problems.push(`of the upload ${id} there are ${String(found)} bytes of ${offset}`);
  }
  return problems;
}

/** What the house itself finds. */
async function unsound(journey: Journey): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const line of [["doctor"], ["audit", "verify"], ["verify"]]) {
    const { code, out, err } = await journey.tilth(...line);
    if (code !== 0) problems.push(`tilth ${line.join(" ")} ended with ${code}: ${out}${err}`);
  }
  return problems;
}

function counts(acknowledged: Acknowledged): Readonly<Record<Work, number>> {
  const { added, captured, edited, imported, jobs, pieces, datasets } = acknowledged;
  return {
    added: added.length,
    captured: captured.length,
    edited: edited.size,
    imported: imported.size,
    jobs: jobs.size,
    pieces: pieces.size,
    datasets: datasets.length,
  };
}

function idOf(example: unknown): string | undefined {
  const { id } = membersOf(example);
  return typeof id === "string" ? id : undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
