import { hash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A name for a file or folder of this process that is still being written: it tells on which machine and by which process. */
export function temporaryName(): string {
  return `${machine()}-${process.pid}-${randomUUID()}`;
}

/**
 * True for a name of {@link temporaryName} whose process ran on this machine and has ended: nobody will finish what lies there.
 *
 * Names of other machines and of processes that still run are left alone.
 */
export function isLeftBehind(name: string): boolean {
  const [place, pid] = name.split("-");
  return place === machine() && /^\d+$/.test(pid ?? "") && !isRunning(Number(pid));
}

let known: string | undefined;

/** Where process numbers mean the same: host, its start, and the container, whose numbers are its own. */
function machine(): string {
  known ??= hash("sha256", [hostname(), bootId(), processNamespace()].join("\n")).slice(0, 12);
  return known;
}

function bootId(): string {
  return orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
}

function processNamespace(): string {
  return orEmpty(() => readlinkSync("/proc/self/ns/pid"));
}

/** Only Linux has these files; elsewhere processes are not set apart. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it runs, and belongs to somebody else.
    return !(cause instanceof Error && "code" in cause && cause.code === "ESRCH");
  }
}
