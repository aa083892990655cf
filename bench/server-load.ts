// Asks a server at a fixed rate, whatever it answers, and tells how long each kind of request took from the moment it was due: a request that
// had to wait for its turn has waited. Started by bench/server.ts as a process of its own; its only argument is what is to be asked, as JSON.
import { Agent, request } from "node:http";

/** What is to be asked. */
export interface LoadPlan {
  readonly origin: string;
  /** Of several callers in turns: one alone may ask 1,000 times a second. */
  readonly keys: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  /** Share of requests that write, 0 to 1. */
  readonly writes: number;
  readonly seed: number;
  /** Words that many examples say, and ids of examples. */
  readonly words: readonly string[];
  readonly ids: readonly string[];
  readonly rows: number;
}

/** What came of it. */
export interface LoadReport {
  readonly kinds: Readonly<Record<string, KindReport>>;
  /** How late requests were sent, which is the fault of this process. */
  readonly lateMs: Spread;
  /** How long a refusal took. */
  readonly refusedMs: Spread;
  readonly refusals: Readonly<Record<string, number>>;
  readonly added: readonly { readonly id: string; readonly text: string }[];
  readonly edited: readonly { readonly id: string; readonly rev: number; readonly topic: string }[];
}

export interface KindReport {
  readonly sent: number;
  /** Of answers below 400. */
  readonly ms: Spread;
  /** How often each status came, or what else became of it. */
  readonly statuses: Readonly<Record<string, number>>;
}

export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

interface Asked {
  readonly kind: string;
  readonly method?: "POST" | "PATCH";
  readonly path: string;
  readonly body?: unknown;
  /** Told what was acknowledged. */
  readonly done?: (answer: unknown) => void;
}

interface Kind {
  sent: number;
  readonly ms: number[];
  readonly statuses: Map<string, number>;
}

const base = "/api/training-data";
const [, , given = ""] = process.argv;
// oxlint-disable-next-line typescript/consistent-type-assertions -- bench/server.ts writes it
const plan = JSON.parse(given) as LoadPlan;
const agent = new Agent({ keepAlive: true, maxSockets: 512, scheduling: "lifo" });
const random = seeded(plan.seed);
const added: { id: string; text: string }[] = [];
const edited: { id: string; rev: number; topic: string }[] = [];
const kinds = new Map<string, Kind>();
const late: number[] = [];
const refused: number[] = [];
const refusals = new Map<string, number>();
let underWay = 0;

/** Sends each request when it is due, then waits for the last answers. */
async function ask(): Promise<void> {
  const count = Math.round(plan.perSecond * plan.seconds);
  const startMs = performance.now();
  const all = Promise.withResolvers<void>();
  let sent = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (; sent < count && startMs + (sent * 1_000) / plan.perSecond <= nowMs; sent++)
      void send(pick(sent), { dueMs: startMs + (sent * 1_000) / plan.perSecond, key: plan.keys[sent % plan.keys.length] ?? "" });
    if (sent === count && underWay === 0) {
      clearInterval(timer);
      all.resolve();
    }
  }, 1);
  await all.promise;
}

async function send(asked: Asked, { dueMs, key }: { readonly dueMs: number; readonly key: string }): Promise<void> {
  const { kind, method = "GET", path, body, done } = asked;
  const known: Kind = kinds.get(kind) ?? { sent: 0, ms: [], statuses: new Map() };
  kinds.set(kind, known);
  known.sent++;
  underWay++;
  late.push(performance.now() - dueMs);
  const { status, text } = await exchange({ method, path, key, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const tookMs = performance.now() - dueMs;
  underWay--;
  known.statuses.set(status, (known.statuses.get(status) ?? 0) + 1);
  if (status < "400" && status.length === 3) {
    known.ms.push(tookMs);
    done?.(JSON.parse(text === "" ? "null" : text));
  } else {
    refused.push(tookMs);
    const why = status === "503" || status === "429" ? reasonOf(text) : status;
    refusals.set(why, (refusals.get(why) ?? 0) + 1);
  }
}

function reasonOf(text: string): string {
  const { code, detail }: { readonly code?: string; readonly detail?: string } = JSON.parse(text);
  return `${code ?? ""}: ${(detail ?? "").replaceAll(/\d[\d,.]*/g, "N").slice(0, 90)}`;
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body?: string;
}

function exchange({ method, path, key, body }: Exchange): Promise<{ readonly status: string; readonly text: string }> {
  return new Promise((resolve) => {
    const sending = request(`${plan.origin}${base}${path}`, {
      agent,
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
    });
    const failed = (error: Error & { readonly code?: string }): void => resolve({ status: error.code ?? error.message, text: "" });
    sending.once("error", failed);
    sending.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", failed);
      response.once("end", () => resolve({ status: String(response.statusCode), text: Buffer.concat(chunks).toString("utf8") }));
    });
    sending.end(body);
  });
}

/** What people ask of a pool, in these shares. */
const reads: readonly (readonly [share: number, make: () => Asked])[] = [
  [12, () => ({ kind: "search, a word", path: `/examples/search?${query({ query: word() })}` })],
  [8, () => ({ kind: "search, two words", path: `/examples/search?${query({ query: `${word()} ${word()}` })}` })],
  [15, () => ({ kind: "list, first page", path: "/examples" })],
  [12, () => ({ kind: "list, deep page", path: `/examples?${query({ cursor: String(1 + Math.floor(random() * plan.rows)) })}` })],
  [12, () => ({ kind: "list where, indexed", path: `/examples?${query({ where: oneOf(indexed) })}` })],
  [8, () => ({ kind: "list where, not indexed", path: `/examples?${query({ where: oneOf(unindexed) })}` })],
  [5, () => ({ kind: "list of a dataset", path: `/examples?${query({ dataset: "all", where: oneOf(indexed) })}` })],
  [8, () => ({ kind: "stats", path: "/stats" })],
  [14, () => ({ kind: "show", path: `/examples/${oneOf(plan.ids)}` })],
  [6, () => ({ kind: "datasets", path: "/datasets" })],
];

const indexed = [
  "domain = code",
  "type = insight",
  "tag has code",
  "quality.score >= 0.94",
  "project = meadow",
  "source = legacy",
] as const;
/** No index leads to them: some are frequent, some are the five oldest rows. */
const unindexed = [
  "complexity = 7",
  "metadata.model = m1",
  "quality.tier = silver",
  "severity = warning",
  "quality.tier = gold",
  "severity = error",
  "relevance = high",
] as const;

const writes: readonly (readonly [share: number, make: () => Asked])[] = [
  [
    2,
    () => {
      const text = `Why does sample ${plan.seed}-${Math.floor(random() * 1e12).toString(36)} hold ${word()} and ${word()}?`;
      const messages = [
        { role: "user", content: text },
        { role: "assistant", content: `Since ${word()} asks for ${word()}, and nobody said no.` },
      ];
      return {
        kind: "add",
        method: "POST",
        path: "/examples",
        body: { example: { kind: "chat", messages } },
        done: (answer) => added.push({ id: textAt(answer, "example", "id"), text }),
      };
    },
  ],
  [
    1,
    () => {
      const topic = `edit-${Math.floor(random() * 1e12).toString(36)}`;
      return {
        kind: "edit",
        method: "PATCH",
        path: `/examples/${oneOf(plan.ids)}`,
        body: { set: { topic } },
        done: (answer) => edited.push({ id: textAt(answer, "example", "id"), rev: Number(textAt(answer, "example", "rev")), topic }),
      };
    },
  ],
];

function pick(index: number): Asked {
  const some = random() < plan.writes ? writes : reads;
  let left = random() * some.reduce((sum, [share]) => sum + share, 0);
  for (const [share, make] of some) {
    left -= share;
    if (left < 0) return make();
  }
  return { kind: `list, first page`, path: `/examples?limit=${1 + (index % 20)}` };
}

function query(members: Readonly<Record<string, string>>): string {
  return new URLSearchParams(members).toString();
}

function word(): string {
  return oneOf(plan.words);
}

function oneOf(from: readonly string[]): string {
  return from[Math.floor(random() * from.length)] ?? "";
}

function textAt(value: unknown, ...path: readonly string[]): string {
  let at = value;
  for (const name of path) at = typeof at === "object" && at !== null ? Object.entries(at).find(([key]) => key === name)?.[1] : undefined;
  return String(at);
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

await ask();
const report: LoadReport = {
  kinds: Object.fromEntries(
    [...kinds].map(([kind, { sent, ms, statuses }]) => [kind, { sent, ms: spreadOf(ms), statuses: Object.fromEntries(statuses) }]),
  ),
  lateMs: spreadOf(late),
  refusedMs: spreadOf(refused),
  refusals: Object.fromEntries(refusals),
  added,
  edited,
};
process.stdout.write(JSON.stringify(report));
agent.destroy();
