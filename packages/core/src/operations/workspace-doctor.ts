import { statfs } from "node:fs/promises";
import { z } from "zod";
import { isTilthError } from "../errors.ts";
import { verifyVersions } from "../dataset/verify.ts";
import { checkPool } from "../insight/doctor.ts";
import { lookIntoSpool } from "../intake/spool-left.ts";
import type { Workspace } from "../workspace.ts";
import { findWorkspace, openWorkspace } from "../workspace.ts";
import type { FolderOperation } from "./operation.ts";

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly name: string;
  readonly status: "ok" | "warning" | "problem";
  readonly message: string;
  /** What to do, where something is to be done. */
  readonly wayOut?: string;
}

export interface DoctorReport {
  readonly checks: readonly DoctorCheck[];
}

const input = z.strictObject({});
const output: z.ZodType<DoctorReport> = z.object({
  checks: z
    .array(
      z.object({
        name: z.string(),
        status: z.enum(["ok", "warning", "problem"]),
        message: z.string(),
        wayOut: z.exactOptional(z.string()),
      }),
    )
    .readonly(),
});

/** Finds out whether everything is in order; works where nothing can be opened, too. */
export const doctorWorkspace: FolderOperation<"workspace.doctor", object, DoctorReport> = {
  on: "folder",
  name: "workspace.doctor",
  title: "Find out whether everything is in order",
  http: { method: "GET", path: "/doctor" },
  scope: "training_data:read",
  runs: "aside",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(folder) {
    const checks: DoctorCheck[] = [environment()];
    let workspace: Workspace | undefined;
    await look(checks, "workspace", async () => {
      workspace = await openWorkspace(await findWorkspace(folder), { toolVersion: "doctor" });
      return `${workspace.paths.root}, packs: ${workspace.packs.names.join(", ") || "none"}`;
    });
    if (workspace !== undefined) await lookInside(checks, workspace);
    return { checks };
  },
};

async function lookInside(checks: DoctorCheck[], workspace: Workspace): Promise<void> {
  try {
    await look(checks, "disk", () => freeDisk(workspace.paths.data));
    await look(checks, "pool", async () => {
      const storage = await workspace.storage();
      checks.push(...(await checkPool(storage)));
      return `opens, schema ${storage.schemaVersion}, durability ${workspace.config.durability ?? "durable"}`;
    });
    const { segments, bad } = await lookIntoSpool(workspace.paths.spool);
    if (segments > 0) checks.push(waits(segments));
    if (bad > 0) checks.push(keptApart(bad));
    await look(checks, "versions", async () => {
      const verified = await verifyVersions({ objects: await workspace.objects(), level: "quick" });
      const [first] = verified.problems;
      if (first !== undefined) throw new Error(`${first.object}: ${first.problem}`);
      return `${verified.versions} looked at, nothing is missing (\`tilth verify\` re-hashes everything)`;
    });
  } finally {
    await workspace.close();
  }
}

function waits(segments: number): DoctorCheck {
  const message = `captured events wait for the pool in ${segments === 1 ? "1 file" : `${segments} files`} of .tilth/spool`;
  return { name: "spool", status: "warning", message, wayOut: "`tilth doctor --repair` takes them in, as a server does when it starts." };
}

function keptApart(files: number): DoctorCheck {
  const message = `captured events that could not be taken in are kept in ${files === 1 ? "1 file" : `${files} files`} of .tilth/spool (*.bad)`;
  return {
    name: "spool",
    status: "warning",
    message,
    wayOut: "They are damaged, or the pool refused them; delete the files once nobody needs them.",
  };
}

/** Runs one look; what it throws becomes a problem with its way out. */
async function look(checks: DoctorCheck[], name: string, work: () => Promise<string>): Promise<void> {
  try {
    checks.push({ name, status: "ok", message: await work() });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    checks.push({ name, status: "problem", message, ...(isTilthError(error) ? {} : { wayOut: "TILTH_DEBUG=1 shows more." }) });
  }
}

function environment(): DoctorCheck {
  return { name: "environment", status: "ok", message: `Node ${process.versions.node}, ${process.platform}-${process.arch}` };
}

const LITTLE_DISK_BYTES = 1_000_000_000;

async function freeDisk(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < LITTLE_DISK_BYTES) throw new Error(`only ${Math.round(freeBytes / 1_000_000)} MB are free`);
  return `${(freeBytes / 1_000_000_000).toFixed(1)} GB free`;
}
