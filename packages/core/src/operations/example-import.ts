import { z } from "zod";
import { findOrCreateDataset } from "../dataset/datasets.ts";
import { TilthError } from "../errors.ts";
import { unpackedSource } from "../files/compression.ts";
import { detectFileKind } from "../files/detect.ts";
import { fileKinds } from "../files/list.ts";
import { fileSource } from "../files/source.ts";
import { detectFormat } from "../formats/detect.ts";
import { formats } from "../formats/list.ts";
import type { MapFormat } from "../formats/mapping.ts";
import { checkMap, compileMap } from "../formats/mapping.ts";
import { parseMapArguments, printMap } from "../formats/mapping-parse.ts";
import type { ImportOptions } from "../intake/import.ts";
import { importFile } from "../intake/import.ts";
import type { ImportReport } from "../intake/report.ts";
import { importReportSchema } from "../intake/report.ts";
import { rulesVersion } from "../rules/run.ts";
import type { Described } from "../schema/example.ts";
import type { ByteSource } from "../schema/file-kind.ts";
import type { Workspace } from "../workspace.ts";
import { begin, hasBegun } from "./job-attempt.ts";
import { named } from "./named.ts";
import type { Operation, OperationContext } from "./operation.ts";

const word = z.string().min(1).max(1_000);

/** Members of an input that says how records are read, wherever they go. */
export const importShape = {
  /** A path on this machine; absent where the bytes come as a body. */
  file: z.optional(z.string().min(1)),
  format: z.optional(word),
  layout: z.optional(word),
  encoding: z.optional(word),
  onChange: z.optional(z.enum(["update", "skip", "add"])),
  source: z.optional(word),
  type: z.optional(word),
  project: z.optional(word),
  tags: z.array(word).default([]),
  /** `FIELD=VALUE` lines that say what the columns mean, in place of a format. */
  map: z.array(z.string().min(1).max(10_000)).max(1_000).default([]),
  /** A map by its name under `import.maps`. */
  mapName: z.optional(word),
  /** Reads only so many rows. */
  limit: z.optional(z.int().min(1)),
  /** Refuses rows with fewer likes, or with none told. */
  minLikes: z.optional(z.int().min(0)),
  dryRun: z.boolean().default(false),
} as const;

const input = z.strictObject({
  ...importShape,
  /** A dataset's name or id; made when it is new. */
  dataset: z.optional(word),
});

export type ImportInput = z.output<typeof input>;

/** Imports records of a file through the one door. */
export const importExamples: Operation<"example.import", ImportInput, ImportReport, z.input<typeof input>> = {
  on: "workspace",
  name: "example.import",
  title: "Import records of a file",
  http: { method: "POST", path: "/import", places: { file: "withheld" } },
  scope: "training_data:write",
  runs: "job",
  input,
  output: importReportSchema,
  body: "stream",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  run: async (workspace, given, context) => importInto(workspace, given, context, { isResumed: await hasBegun(workspace, context) }),
};

/**
 * Imports records as `example.import` does.
 *
 * @param attempt.isResumed - An earlier attempt of the job may have stored rows; nothing to one that is no job.
 */
export async function importInto(
  workspace: Workspace,
  given: ImportInput,
  context: OperationContext,
  attempt: { readonly isResumed: boolean },
): Promise<ImportReport> {
  const source = await sourceOf(given, context);
  // Names are looked up before anything is read or made: a typo costs nothing.
  const format = formatOf(given, workspace);
  const layout = given.layout === undefined ? undefined : named(fileKinds, given.layout, "layout");
  const storage = await workspace.storage();
  if (!given.dryRun) await begin(workspace, context);
  const dataset =
    given.dataset === undefined || given.dryRun
      ? undefined
      : await findOrCreateDataset(storage, { name: given.dataset, actor: context.actor, clock: workspace.clock });
  return importFile({
    source,
    layout: async (bytes) =>
      layout === undefined
        ? detectLayout(bytes, given.encoding)
        : { fileKind: layout, reason: "named", source: await unpackedSource(bytes) },
    format: format ?? detectFormat,
    storage,
    door: await workspace.door(),
    redactor: workspace.redactor,
    importId: context.job?.id ?? workspace.newId(),
    ...(dataset === undefined ? {} : { dataset: { id: dataset.id, name: dataset.name } }),
    ...(given.encoding === undefined ? {} : { encoding: given.encoding }),
    ...(given.onChange === undefined ? {} : { onChange: given.onChange }),
    ...(context.datasets === undefined ? {} : { withinDatasets: [...context.datasets] }),
    ...(given.limit === undefined ? {} : { limit: given.limit }),
    ...(given.minLikes === undefined ? {} : { minLikes: given.minLikes }),
    defaults: defaultsOf(given),
    dryRun: given.dryRun,
    actor: context.actor,
    clock: workspace.clock,
    rulesVersion,
    importsFolder: workspace.paths.imports,
    ...progressOf(source, context),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    ...(context.job === undefined ? {} : { attempt }),
    ...(context.turn === undefined ? {} : { turn: context.turn }),
  });
}

async function sourceOf(given: ImportInput, context: OperationContext): Promise<ByteSource> {
  if (context.body !== undefined) return context.body;
  if (given.file === undefined) throw new TilthError("input/invalid", { where: "file", problem: "neither a path nor a body was given" });
  return fileSource(given.file);
}

/** The format somebody named, or the one that a map makes; absent where it is to be recognised. */
function formatOf({ format: name, map: lines, mapName }: ImportInput, { config }: Workspace): ImportOptions["format"] | undefined {
  const given = [name, mapName, lines.length === 0 ? undefined : "map"].filter((way) => way !== undefined);
  if (given.length > 1)
    throw new TilthError("input/invalid", { where: "format", problem: "a format, a map and the name of a map exclude each other" });
  if (lines.length > 0) return mapped(compileMap(parseMapArguments(lines)), "given with the import");
  if (mapName !== undefined) {
    const maps = Object.entries(config.import?.maps ?? {}).map(([known, map]) => ({ name: known, map }));
    return mapped(compileMap(named(maps, mapName, "map").map), `the map ${mapName} of tilth.yaml`);
  }
  if (name === undefined) return undefined;
  const format = named(formats, name, "format");
  return () => ({ format, reason: "named" });
}

function mapped(format: MapFormat, reason: string): ImportOptions["format"] {
  return ({ rows }) => {
    checkMap(format, rows);
    return { format, reason, map: printMap(format.map) };
  };
}

async function detectLayout(given: ByteSource, encoding: string | undefined): ReturnType<ImportOptions["layout"]> {
  const { kind, reason, source } = await detectFileKind(given, encoding === undefined ? {} : { encoding });
  return { fileKind: kind, reason, source };
}

function defaultsOf({ source, type, project, tags }: ImportInput): Described {
  return {
    ...(source === undefined ? {} : { source }),
    ...(type === undefined ? {} : { type }),
    ...(project === undefined ? {} : { project }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

function progressOf(
  source: ByteSource,
  context: OperationContext,
): { readonly progress?: (at: { bytesRead: number; rows: number }) => void } {
  const { progress } = context;
  if (progress === undefined) return {};
  return {
    progress: ({ bytesRead, rows }) =>
      progress({
        step: `reading ${source.name}`,
        done: bytesRead,
        ...(source.sizeBytes === undefined ? {} : { total: source.sizeBytes }),
        unit: "bytes",
        detail: `${rows.toLocaleString("en-US")} rows`,
      }),
  };
}
