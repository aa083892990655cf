import type { Job, ShownJob, Workspace } from "@tilth/core";
import { auditFactsOf, auditFactsOfOutput, showJob } from "@tilth/core";
import type { FastifyRequest } from "fastify";
import type { Asked } from "./asked.ts";
import { base } from "./base.ts";
import { entityTag } from "./entity-tag.ts";
import type { KeptAnswer } from "./idempotency.ts";

/** What became of a request: its answer, and what the operation gave where it was carried out just now. */
export interface Performed {
  readonly answer: KeptAnswer;
  readonly output?: unknown;
}

/** The answer to an operation that was carried out. */
export function performed(
  { request, note }: Asked,
  { input, output }: { readonly input: unknown; readonly output: unknown },
  workspace: Workspace,
): Performed {
  note({ ...auditFactsOf(input), ...auditFactsOfOutput(output) });
  const text = JSON.stringify(addressed(output, workspace));
  const headers = { etag: entityTag(output, text), ...linkTo(request, output) };
  return { answer: { status: 200, text, headers }, output };
}

/** A folder of this machine, and a list of refused rows, as the address where it can be fetched. */
export function addressed(output: unknown, workspace: Workspace): unknown {
  const members = membersOf(output);
  const { folder, jobs, rejectedFile, report } = members;
  if (Array.isArray(jobs)) return { ...members, jobs: jobs.map((job) => addressed(job, workspace)) };
  if (isJob(members)) return withoutPlaces(members, workspace);
  if (typeof rejectedFile === "string") return { ...members, rejectedFile: address(rejectedFile, workspace) };
  if (typeof membersOf(report)["rejectedFile"] === "string") return { ...members, report: addressed(report, workspace) };
  return typeof folder === "string" ? { ...members, folder: address(folder, workspace) } : output;
}

/** A job as it is shown to somebody far away. */
export function addressedJob(job: Job, workspace: Workspace): ShownJob {
  return withoutPlaces(showJob(job), workspace);
}

/** Members of an object; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function address(path: string, { paths }: Workspace): string {
  const place = placesOf(paths).find(([folder]) => path.startsWith(folder));
  return place === undefined ? path.replaceAll(paths.root, ".") : `${place[1]}${path.slice(place[0].length)}`;
}

/** Folders whose files can be fetched, each with its address. */
function placesOf({ exports, imports }: Workspace["paths"]): readonly (readonly [folder: string, address: string])[] {
  return [
    [exports, `${base}/exports`],
    [imports, `${base}/imports`],
  ];
}

function isJob(members: Readonly<Record<string, unknown>>): boolean {
  return ["operation", "status", "attempts", "createdAt"].every((name) => name in members);
}

/** What was asked, what came out and what went wrong may each name places of this machine. */
function withoutPlaces<T>(shown: T, { paths }: Workspace): T {
  const inText = (path: string): string => JSON.stringify(path).slice(1, -1);
  let text = JSON.stringify(shown);
  for (const [folder, place] of placesOf(paths)) text = text.replaceAll(inText(folder), place);
  const same: T = JSON.parse(text.replaceAll(inText(paths.root), "."));
  return same;
}

/** The page after this one, where there is one. */
function linkTo(request: FastifyRequest, output: unknown): Readonly<Record<string, string>> {
  const { next } = membersOf(output);
  if (request.method !== "GET" || typeof next !== "string") return {};
  const url = new URL(request.url, "http://localhost");
  url.searchParams.set("cursor", next);
  return { link: `<${url.pathname}${url.search}>; rel="next"` };
}
