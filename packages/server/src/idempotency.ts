import { hash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isTilthError, TilthError } from "@tilth/core";
import type { Limits } from "./limits.ts";

/** An answer that can be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request that names itself, so that sending it twice does it once. */
export interface Claim {
  readonly actor: string;
  readonly key: string;
  /** What the request asks, once it is known: of an upload only when it was read. */
  readonly fingerprint: () => Promise<string>;
  /** Done twice, it has the effect of once: where nobody knows whether it was done, it may be done again. */
  readonly repeatable: boolean;
}

/** Does what a key stands for; where a job does it, `pin` is told the job before it begins. */
type Work = (pin: (job: string) => Promise<void>) => Promise<KeptAnswer>;
/** Waits for the job that does it already; nothing where there is none. */
type GoOn = (job: string) => Promise<KeptAnswer | undefined>;

/** Remembers answers by their Idempotency-Key. */
export interface Keys {
  /**
   * Does the work of a key once; asked again, gives the same answer.
   *
   * @throws {@link TilthError} `request/key-reused`, `request/key-busy`, `request/outcome-unknown`; what the work throws, which is forgotten.
   */
  once(claim: Claim, work: Work, goOn?: GoOn): Promise<KeptAnswer & { readonly isReplayed: boolean }>;
  /** Forgets what is too old. */
  sweep(): Promise<void>;
}

interface Entry {
  /** Absent while the work is under way. */
  readonly answer?: KeptAnswer;
  /** The job that does the work: of it one can always know what became. */
  readonly job?: string;
  readonly fingerprint?: string;
}

const MOST_BYTES = 4_000_000;

/** Keeps answers as files of a folder, each for its time: a restart forgets none. */
export function openKeys(folder: string, limits: Limits["keys"], nowMs: () => number = Date.now): Keys {
  const busy = new Set<string>();
  let kept: number | undefined;

  async function found(path: string, { fingerprint }: Claim): Promise<Entry | undefined> {
    const entry = await readEntry(path, nowMs() - limits.ageMs);
    if (entry === undefined) {
      kept ??= (await namesIn(folder)).length;
      if (kept >= limits.count)
        throw new TilthError("request/overloaded", { reason: "too many Idempotency-Keys are remembered", seconds: 60 });
      kept++;
    } else if (entry.fingerprint !== undefined && (await fingerprint()) !== entry.fingerprint)
      throw new TilthError("request/key-reused", {});
    return entry;
  }

  async function perform(path: string, claim: Claim, work: Work, goOn?: GoOn): Promise<KeptAnswer & { readonly isReplayed: boolean }> {
    const before = await found(path, claim);
    if (before?.answer !== undefined) return { ...before.answer, isReplayed: true };
    const earlier = before?.job === undefined || goOn === undefined ? undefined : await lasting(path, goOn(before.job));
    if (earlier !== undefined) return { ...(await keep(path, claim, earlier)), isReplayed: true };
    // A job that never came to be has done nothing.
    if (before !== undefined && before.job === undefined && !claim.repeatable) throw new TilthError("request/outcome-unknown", {});
    await writeEntry(path, {});
    const pin = async (job: string): Promise<void> => writeEntry(path, { job, fingerprint: await claim.fingerprint() });
    const answer = await lasting(path, work(pin));
    return { ...(await keep(path, claim, answer)), isReplayed: false };
  }

  /** What a job is still to answer is asked of the job. */
  async function keep(path: string, claim: Claim, answer: KeptAnswer): Promise<KeptAnswer> {
    if (answer.status === 202) return answer;
    if (answer.text.length > MOST_BYTES) await rm(path, { force: true });
    else await writeEntry(path, { answer, fingerprint: await claim.fingerprint() });
    return answer;
  }

  return {
    async once(claim, work, goOn) {
      const name = hash("sha256", `${claim.actor}\0${claim.key}`, "hex");
      if (busy.has(name)) throw new TilthError("request/key-busy", {});
      busy.add(name);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return await perform(join(folder, `${name}.json`), claim, work, goOn);
      } finally {
        busy.delete(name);
      }
    },
    async sweep() {
      const names = await namesIn(folder);
      kept = names.length;
      for (const name of names) {
        const facts = await stat(join(folder, name)).catch(() => undefined);
        if (facts === undefined || facts.mtimeMs > nowMs() - limits.ageMs || busy.has(name.replace(/\.json$/, ""))) continue;
        await rm(join(folder, name), { force: true });
        kept--;
      }
    },
  };
}

/** What failed is forgotten, so that it can be tried again; a job that nobody waits for any more goes on. */
async function lasting<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isTilthError(error) || !goesOn.has(error.code)) await rm(path, { force: true });
    throw error;
  }
}

const goesOn: ReadonlySet<string> = new Set(["request/stopped", "job/interrupted"]);

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function readEntry(path: string, sinceMs: number): Promise<Entry | undefined> {
  try {
    if ((await stat(path)).mtimeMs < sinceMs) return undefined;
    const entry: Entry = JSON.parse(await readFile(path, "utf8"));
    return entry;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (error instanceof SyntaxError) return {}; // a power cut took its end: nobody knows what became of it
    throw error;
  }
}

async function writeEntry(path: string, entry: Entry): Promise<void> {
  const draft = `${path}.tmp`;
  await using file = await open(draft, "w", 0o600);
  await file.writeFile(JSON.stringify(entry));
  await file.datasync();
  await rename(draft, path);
}
