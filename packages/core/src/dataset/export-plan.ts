import { TilthError } from "../errors.ts";
import type { Format, RenderTemplate, WriteOptions } from "../formats/format.ts";
import type { Kind } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { FileKind } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import type { SplitRule } from "../schema/manifest.ts";
import { nearest } from "../text/nearest.ts";
import type { ReceiptEntry } from "./receipt.ts";
import type { Split } from "./split.ts";
import { splits } from "./split.ts";
import type { WeightMode } from "./weights.ts";
import { copiesOf } from "./weights.ts";

export interface ExportOptions {
  /** The filter the examples were chosen by, as somebody wrote it: for the receipt. */
  readonly where?: string;
  /** Columns to write, of formats with columns. @defaultValue those that some row fills */
  readonly columns?: readonly string[];
  /** Also columns that no row fills. */
  readonly allColumns?: boolean;
  /** Document 2's columns. */
  readonly classic?: boolean;
  readonly noMetadata?: boolean;
  /** The rows alone, without the members that a format puts around them. */
  readonly bare?: boolean;
  /** What becomes of weights that the format does not carry. @defaultValue `repeat`, or `refuse` where the format refuses them */
  readonly weights?: WeightMode;
  /** Of the draws for fractions of weights. @defaultValue `"0"` */
  readonly seed?: string;
  readonly render?: Readonly<Partial<Record<Kind, RenderTemplate>>>;
  /** @defaultValue true */
  readonly escapeFormulas?: boolean;
  /** Only look: nothing is written. */
  readonly dryRun?: boolean;
  /** At most so many examples, the first in order. */
  readonly limit?: number;
  /** List refused examples with their reasons in `.tilth-refused/`. */
  readonly listRefused?: boolean;
}

export interface ExportRequest {
  /** Gives the same examples in the same order every time it is called. */
  readonly examples: () => AsyncIterable<readonly Example[]>;
  readonly format: Format;
  readonly fileKind: FileKind;
  /** Without a rule everything goes to one file, `all`, that counts as a training file. */
  readonly split: { readonly rule?: SplitRule; readonly splits?: readonly Split[] };
  readonly folder: string;
  readonly about: Pick<ReceiptEntry, "dataset" | "version" | "manifest" | "recipe">;
  readonly options?: ExportOptions;
  readonly progress?: (at: ExportProgress) => void;
  /** Told between the two passes, before a byte is written: what would be lost and what is refused. */
  readonly foretell?: (forecast: ExportForecast) => void;
  readonly signal?: AbortSignal;
}

export interface ExportForecast {
  readonly losses: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
}

export interface ExportProgress {
  readonly step: "looking" | "writing";
  readonly examples: number;
}

/** A request that can be honoured, with every default filled in. */
export interface ExportPlan {
  readonly request: ExportRequest;
  readonly options: ExportOptions;
  readonly write: NonNullable<Format["write"]>;
  readonly settings: JsonObject;
  readonly weights: WeightMode;
  readonly seed: string;
  readonly splits: readonly string[];
}

/** The one file of an export without a split. */
export const wholeSplit = "all";

/**
 * Fills in the defaults of a request.
 *
 * @throws {@link TilthError} `format/not-written`, `input/invalid` for options that the format does not know.
 */
export function planExport(request: ExportRequest): ExportPlan {
  const { format, split, options = {} } = request;
  if (format.write === undefined) throw new TilthError("format/not-written", { format: format.name });
  const settings: JsonObject = options.classic === true ? { columns: "classic" } : {};
  if (options.classic === true && format.settings?.includes("columns") !== true)
    throw invalid("classic", `the format ${format.name} does not know document 2's columns`);
  refuseColumns(format, options, settings);
  if (options.weights === "repeat" && format.weight === "carries")
    throw invalid("weights", `the format ${format.name} carries weights, repeating rows would count them twice`);
  return {
    request,
    options,
    write: format.write.bind(format),
    settings,
    weights: options.weights ?? (format.weight === "carries" ? "ignore" : format.weight === "refuses" ? "refuse" : "repeat"),
    seed: options.seed ?? "0",
    splits: split.rule === undefined ? [wholeSplit] : splits.filter((name) => split.splits?.includes(name) ?? true),
  };
}

function refuseColumns(format: Format, { columns, allColumns, noMetadata }: ExportOptions, settings: JsonObject): void {
  const known = format.columns?.(settings);
  if (known === undefined) {
    const given = Object.entries({ columns, allColumns, noMetadata }).find(([, value]) => value !== undefined && value !== false);
    if (given !== undefined) throw invalid(given[0], `the format ${format.name} has no columns`);
    return;
  }
  const unknown = columns?.find((column) => !known.includes(column));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw invalid(
    "columns",
    `there is no column ${unknown}${near === undefined ? `; there are ${known.join(", ")}` : `; did you mean ${near}?`}`,
  );
}

function invalid(where: string, problem: string): TilthError {
  return new TilthError("input/invalid", { where, problem });
}

/** The keys that rows carry: those that some example needs, as far as they were asked for. */
export function keptNeeds({ request, options, settings }: ExportPlan, needs: ReadonlySet<string>): ReadonlySet<string> {
  const columns = request.format.columns?.(settings);
  if (columns === undefined) return needs;
  const wanted = options.allColumns === true ? columns : (options.columns ?? columns.filter((column) => needs.has(column)));
  return new Set(wanted.filter((column) => column !== "metadata" || options.noMetadata !== true));
}

/** What becomes of one example. */
export type ExportFate =
  | { readonly fate: "written"; readonly rows: readonly Json[]; readonly copies: number; readonly losses: readonly string[] }
  | { readonly fate: "refused"; readonly reason: string }
  | { readonly fate: "sampled-out" };

/** Decides how an example is written. Deterministic, so that both passes of an export decide alike. */
export function fateOf(
  { write, settings, weights, seed, options }: ExportPlan,
  example: Example,
  split: string,
  needs: ReadonlySet<string>,
): ExportFate {
  const writing = write(example, writeOptions(split, needs, settings, options));
  if ("refused" in writing) return { fate: "refused", reason: writing.refused };
  if (weights === "refuse" && example.weight !== 1) return { fate: "refused", reason: "weight" };
  // Validation and test measure: a row that counts twice there would only blur what is measured.
  const copies = weights === "repeat" && (split === "train" || split === wholeSplit) ? copiesOf(example.weight, example.id, seed) : 1;
  if (copies === 0) return { fate: "sampled-out" };
  return { fate: "written", rows: writing.rows, copies, losses: writing.losses ?? [] };
}

function writeOptions(split: string, needs: ReadonlySet<string>, settings: JsonObject, { render }: ExportOptions): WriteOptions {
  return render === undefined ? { split, needs, settings } : { split, needs, settings, render };
}

/** The options as the receipt holds them: those that decide about bytes, nothing that only decides about the run. */
export function recordedOptions({ request, options, weights, seed, splits: chosen }: ExportPlan): JsonObject {
  const { where, columns, allColumns, classic, noMetadata, bare, render, limit } = options;
  const hasColumns = request.format.columns !== undefined;
  const switches = Object.entries({ allColumns, classic, noMetadata, bare }).filter(([, on]) => on === true);
  const recorded: Record<string, Json | undefined> = {
    where,
    columns,
    ...Object.fromEntries(switches),
    limit,
    splits: chosen,
    weights: request.format.weight === "carries" && weights === "ignore" ? "carried" : weights,
    ...(weights === "repeat" ? { seed } : {}),
    ...(hasColumns ? { escapeFormulas: options.escapeFormulas ?? true } : {}),
    ...(render === undefined
      ? {}
      : { render: Object.fromEntries(Object.entries(render).map(([kind, { instruction }]) => [kind, instruction])) }),
    ...(request.split.rule === undefined ? {} : { splitRule: { ...request.split.rule } }),
  };
  const given = Object.entries(recorded).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries(given);
}
