import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { editOldest, importAsPipe, Stage } from "./crash-work.ts";
import { stages } from "./crash-work.ts";

/** As it is typed. `sign` is a folder in which something new shows that the work has begun, since nobody says so. */
export interface CommandLine {
  readonly tilth: readonly string[];
  readonly sign?: string;
}

/** A command line, or work whose acknowledgements are watched from inside. */
export type Command = CommandLine | { readonly work: WorkName; readonly argument: string };

type WorkName = keyof Works;
interface Works {
  readonly importAsPipe: typeof importAsPipe;
  readonly editOldest: typeof editOldest;
}
/** When to kill: so long after a stage was told, or after the start of the process. */
export interface Moment {
  readonly after: Stage | "start";
  readonly delayMs: number;
}

/** How a process ended, and what it had told until then. */
export interface Ran {
  /** Undefined where it was killed. */
  readonly code: number | undefined;
  readonly text: string;
  readonly acknowledged: readonly string[];
  readonly at: ReadonlyMap<Stage, number>;
  readonly tookMs: number;
}

const program = fileURLToPath(new URL("../../packages/cli/bin/tilth.js", import.meta.url));
const work = new URL("crash-work.ts", import.meta.url).href;

/** Runs a command in a workspace, and kills it where a moment is given. */
export function run(root: string, what: Command, moment?: Moment): Promise<Ran> {
  const log = `${root}.log`;
  const startMs = performance.now();
  const child = spawn(process.execPath, "tilth" in what ? [program, ...what.tilth, "--json"] : workArguments(what, root, log), {
    cwd: root,
    // Where the command line keeps compiled code, too: less of the time is spent before there is anything to break.
    env: { ...process.env, NO_COLOR: "1", NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const at = new Map<Stage, number>();
  let text = "";
  child.stdout?.on("data", (piece: Buffer) => (text += piece.toString()));
  child.stderr?.on("data", (piece: Buffer) => (text += piece.toString()));
  const killAfter = (stage: Moment["after"]): void => {
    if (moment?.after === stage) setTimeout(() => child.kill("SIGKILL"), moment.delayMs);
  };
  const reach = (stage: Stage): void => {
    at.set(stage, performance.now() - startMs);
    killAfter(stage);
  };
  killAfter("start");
  const watching = "tilth" in what && what.sign !== undefined ? onceNew(join(root, what.sign), () => reach("begun")) : undefined;
  child.on("message", (told: unknown) => {
    const stage = stages.find((known) => known === told);
    if (stage !== undefined) reach(stage);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watching);
      const acknowledged = existsSync(log)
        ? readFileSync(log, "utf8").split("\n").filter(Boolean)
        : "tilth" in what && text.startsWith("{")
          ? labelOf(text)
          : [];
      resolve({ code: code ?? undefined, text: text.slice(0, 2_000), acknowledged, at, tookMs: performance.now() - startMs });
    });
  });
}

/** Calls once when there is something in a folder that was not there before. */
function onceNew(folder: string, call: () => void): NodeJS.Timeout {
  const entries = (): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const before = new Set(entries());
  const watching = setInterval(() => {
    if (entries().every((name) => before.has(name))) return;
    clearInterval(watching);
    call();
  }, 2);
  return watching;
}

function workArguments(
  { work: name, argument }: { readonly work: WorkName; readonly argument: string },
  root: string,
  log: string,
): readonly string[] {
  const script = `const { ${name}: work } = await import(${JSON.stringify(work)});
    const [root, log, argument] = process.argv.slice(1);
    await work({ root, log, tell: (stage) => process.send(stage) }, argument);
    process.disconnect();`;
  return ["--conditions=tilth-source", "--input-type=module", "--eval", script, root, log, argument];
}

/** What a commit says when it is done: its version is acknowledged. */
function labelOf(text: string): readonly string[] {
  try {
    const told: unknown = JSON.parse(text);
    return told !== null && typeof told === "object" && "label" in told && "dataset" in told
      ? [`${String(told.dataset)}@${String(told.label)}`]
      : [];
  } catch {
    return []; // cut off in the middle of the answer
  }
}
