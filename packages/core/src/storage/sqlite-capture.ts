import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { Finding } from "../schema/finding.ts";
import { facetColumns } from "./counters.ts";
import { rewriteRow } from "./sqlite-change.ts";
import { FailureError, noDataset } from "./sqlite-errors.ts";
import type { Stamp } from "./sqlite-hanging.ts";
import { worstOf } from "./sqlite-hanging.ts";
import type { Outcome, PackedRows, RowExtra } from "./sqlite-messages.ts";
import type { Origin, Standing } from "./sqlite-rows.ts";
import { conflictFinding, isPoolRule, parseTags, textOrNull } from "./sqlite-rows.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { CaptureOptions } from "./storage.ts";
import { exampleColumns } from "./tables.ts";

/** Stores rows in order with all that hangs on them; says what became of those that were not simply accepted under their own id. */
export function captureRows(tools: Tools, rows: PackedRows, options: CaptureOptions): readonly Outcome[] {
  const batch = createBatch(tools, rows, options);
  const outcomes: Outcome[] = [];
  let nextExtra = 0;
  for (let index = 0; index < rows.count; index++) {
    const extra = rows.extras[nextExtra]?.index === index ? rows.extras[nextExtra++] : undefined;
    const fate = store(batch, arrivalOf(batch, index, extra));
    if (fate !== undefined) outcomes.push({ index, ...fate });
  }
  return outcomes;
}

type Fate = Omit<Outcome, "index">;

/** What the rows of one call share: the statement for their columns, and where each column stands. */
interface Batch {
  readonly tools: Tools;
  readonly rows: PackedRows;
  readonly options: CaptureOptions;
  readonly insert: StatementSync;
  readonly place: ReturnType<typeof placesOf>;
  readonly facetPlaces: readonly number[];
  readonly stamp: Stamp;
  /** JSON of the only datasets whose members the sender reaches. */
  readonly within: string | undefined;
  /** JSON of the dataset that the rows go to. */
  readonly into: string | undefined;
  /** Most imports have no aliases, and then no row looks for one. */
  aliases: boolean;
}

/** One row while it is stored: its values in the order of the packed columns, then both hashes. */
interface Arrival {
  readonly values: SQLInputValue[];
  readonly id: string;
  readonly kind: string;
  readonly contentHash: Uint8Array;
  readonly inputHash: Uint8Array;
  /** The id its parent goes by now; "" where it has none. */
  readonly parentId: string;
  /** Names its record for good; "" where it has none that does. */
  readonly sourceId: string;
  readonly extra: RowExtra | undefined;
}

const HASH_BYTES = 16;
/** A re-import never undoes what people decided here, nor moves a row to another split. */
const keptOnUpdate: ReadonlySet<string> = new Set(
  "id rev created_at created_by updated_at group_key lifecycle include_in_training duplicate_kept".split(" "),
);

function createBatch(tools: Tools, rows: PackedRows, options: CaptureOptions): Batch {
  const { datasetId, atMs, rulesVersion } = options;
  if (datasetId !== undefined && tools.prepare("SELECT 1 FROM dataset WHERE id = ?").get(datasetId) === undefined) {
    throw noDataset(datasetId);
  }
  const columns = [...rows.columns, "content_hash", "input_hash"];
  const insert = tools.prepare(
    `INSERT INTO example (${columns.join(", ")}) VALUES (?${", ?".repeat(columns.length - 1)}) ON CONFLICT DO NOTHING`,
  );
  const facetPlaces = facetColumns.map((column) => columns.indexOf(column));
  return {
    tools,
    rows,
    options,
    insert,
    place: placesOf(columns),
    facetPlaces,
    stamp: { atMs, rulesVersion },
    within: options.withinDatasets === undefined ? undefined : JSON.stringify(options.withinDatasets),
    into: datasetId === undefined ? undefined : JSON.stringify([datasetId]),
    aliases: tools.lookups.hasAliases(),
  };
}

function placesOf(columns: readonly string[]) {
  return {
    id: columns.indexOf("id"),
    kind: columns.indexOf("kind"),
    source: columns.indexOf("source"),
    sourceId: columns.indexOf("source_id"),
    parentId: columns.indexOf("parent_id"),
    groupKey: columns.indexOf("group_key"),
    importId: columns.indexOf("import_id"),
    tags: columns.indexOf("tags"),
    score: columns.indexOf("quality_score"),
    createdAt: columns.indexOf("created_at"),
  };
}

function arrivalOf(batch: Batch, index: number, extra: RowExtra | undefined): Arrival {
  const { rows, place } = batch;
  const width = rows.columns.length;
  const values = rows.values.slice(index * width, (index + 1) * width);
  const first = index * 2 * HASH_BYTES;
  const contentHash = rows.hashes.subarray(first, first + HASH_BYTES);
  const inputHash = rows.hashes.subarray(first + HASH_BYTES, first + 2 * HASH_BYTES);
  values.push(contentHash, inputHash);
  const parentId = joinGroup(batch, values);
  const sourceId = rows.identities[index] === 1 ? textAt(values, place.sourceId) : "";
  return { values, id: textAt(values, place.id), kind: textAt(values, place.kind), contentHash, inputHash, parentId, sourceId, extra };
}

/** A row stays in the group of its parent, and so in its split. */
function joinGroup({ tools, place }: Batch, values: SQLInputValue[]): string {
  const parentId = textAt(values, place.parentId);
  if (parentId === "") return "";
  const parent = tools.lookups.parent(parentId);
  if (parent === undefined) return parentId;
  values[place.groupKey] = parent.groupKey;
  return parent.id;
}

function store(batch: Batch, arrival: Arrival): Fate | undefined {
  const known = batch.aliases ? batch.tools.lookups.byAlias(arrival.id) : undefined;
  if (known !== undefined) return duplicate(batch, arrival, known);
  return arrival.sourceId === "" ? accept(batch, arrival, false) : storeRecord(batch, arrival);
}

/** A record that may have been here before, with this content or another. */
function storeRecord(batch: Batch, arrival: Arrival): Fate | undefined {
  const { tools, place, options } = batch;
  const origins = originsOf(batch, arrival);
  const [newest, older] = origins;
  if (newest === undefined) return accept(batch, arrival, false);
  const known = standingFor(tools, arrival);
  if (known !== undefined) return duplicate(batch, arrival, known);
  const importId = textAt(arrival.values, place.importId);
  const isShared = importId !== "" && origins.some((origin) => origin.importId === importId);
  const wasShared = older !== undefined && older.importId !== null && older.importId === newest.importId;
  if (isShared || wasShared) return accept(batch, arrival, true);
  switch (options.onChange ?? "update") {
    case "add":
      return accept(batch, arrival, false);
    case "skip":
      return duplicate(batch, arrival, newest);
    case "update":
      return update(batch, arrival, newest);
  }
}

/** Where a record lies in several datasets, that of the rows goes first; who reaches some of them alone knows no others. */
function originsOf({ tools: { lookups }, place, within, into }: Batch, { sourceId, values }: Arrival): readonly Origin[] {
  const source = textAt(values, place.source);
  if (within !== undefined) return lookups.byOriginWithin(sourceId, source, within);
  const all = lookups.byOrigin(sourceId, source);
  if (all.length < 2 || into === undefined) return all;
  const own = lookups.byOriginWithin(sourceId, source, into);
  return own.length === 0 ? all : own;
}

/** Undefined: accepted, and nothing to say about it. */
function accept(batch: Batch, arrival: Arrival, sharedSourceId: boolean): Fate | undefined {
  const { tools } = batch;
  const other = tools.lookups.conflict(arrival);
  const { changes, lastInsertRowid } = batch.insert.run(...arrival.values);
  if (changes === 0) {
    const known = standingFor(tools, arrival);
    if (known === undefined)
      throw new FailureError({ code: "storage/failed", reason: "a row was skipped, yet nothing stands in its place" });
    return duplicate(batch, arrival, known);
  }
  const n = Number(lastInsertRowid);
  tools.lookups.added(n, arrival);
  hang(batch, n, arrival, findingsOf(arrival, other));
  if (other === undefined && !sharedSourceId) return undefined;
  return {
    status: "accepted",
    id: arrival.id,
    ...(other === undefined ? {} : { conflict: true }),
    ...(sharedSourceId ? { sharedSourceId: true } : {}),
  };
}

/** Its own id first: what was acknowledged once is acknowledged again, whatever it says now. */
function standingFor({ lookups }: Tools, { id, contentHash }: Arrival): Standing | undefined {
  return lookups.byId(id) ?? lookups.byContent(contentHash);
}

function findingsOf({ extra, kind }: Arrival, conflictingId: string | undefined): readonly Finding[] {
  const found = extra?.findings?.filter((finding) => !isPoolRule(finding.rule)) ?? none;
  return conflictingId === undefined ? found : [...found, conflictFinding(kind, conflictingId)];
}

const none: readonly Finding[] = [];

function hang(batch: Batch, n: number, { values, extra }: Arrival, findings: readonly Finding[]): void {
  const { tools, place, facetPlaces, stamp } = batch;
  const { counters, hanging } = tools;
  const tags = tagsOf(textAt(values, place.tags));
  const rules = findings.length === 0 ? noRules : findings.map((finding) => finding.rule);
  const counted = { values: facetPlaces.map((at) => textOrNull(values[at])), tags, rules, severity: worstOf(findings) };
  counters.count(counted, 1);
  hanging.setFacet(n, counted, { score: numberAt(values, place.score), createdAtMs: numberAt(values, place.createdAt) ?? 0 });
  hanging.addTags(n, tags);
  hanging.addFindings(n, findings, stamp);
  if (extra?.scores !== undefined) hanging.addScores(n, extra.scores, stamp);
  attach(batch, n, extra);
}

const noRules: readonly string[] = [];

function duplicate(batch: Batch, arrival: Arrival, known: Standing): Fate {
  keepAlias(batch, arrival, known);
  if (isReached(batch, arrival, known)) join(batch, known.n);
  return { status: "duplicate", id: known.id, ...(known.trashed ? { trashed: true } : {}) };
}

/** Who knows an id alone gets nothing by it; who says the same brought it along. */
function isReached({ tools: { lookups }, within }: Batch, { contentHash }: Arrival, { n }: Standing): boolean {
  return within === undefined || lookups.isMember(n, within) || lookups.byContent(contentHash)?.n === n;
}

function update(batch: Batch, arrival: Arrival, known: Standing): Fate {
  const { tools, rows, options } = batch;
  const set = new Map<string, SQLInputValue>();
  for (const column of exampleColumns) if (!keptOnUpdate.has(column)) set.set(column, arrival.values[rows.columns.indexOf(column)] ?? null);
  set.set("content_hash", arrival.contentHash).set("input_hash", arrival.inputHash).set("review_status", "pending");
  const edit = { set, findings: arrival.extra?.findings ?? [], scores: arrival.extra?.scores ?? [] };
  const { conflict } = rewriteRow(tools, tools.lookups.row(known.n), edit, { ...options, op: "capture" });
  tools.lookups.added(known.n, arrival);
  keepAlias(batch, arrival, known);
  attach(batch, known.n, arrival.extra);
  return { status: "updated", id: known.id, ...(conflict ? { conflict: true } : {}), ...(known.trashed ? { trashed: true } : {}) };
}

function attach(batch: Batch, n: number, extra: RowExtra | undefined): void {
  const { hanging } = batch.tools;
  if (extra?.engagement !== undefined) hanging.setEngagement(n, extra.engagement, batch.stamp);
  if (extra?.subjectId !== undefined) hanging.addSubject(n, extra.subjectId);
  join(batch, n);
}

function join({ tools, options }: Batch, n: number): void {
  if (options.datasetId === undefined) return;
  const addMember = tools.prepare("INSERT INTO member (dataset_id, n, added_by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  addMember.run(options.datasetId, n, options.actor, options.atMs);
}

/** The id the client made leads to the row that stands, so that a rating of either finds it. */
function keepAlias(batch: Batch, arrival: Arrival, known: Standing): void {
  const { lookups, prepare } = batch.tools;
  if (arrival.id === known.id || lookups.byId(arrival.id) !== undefined) return;
  prepare("INSERT INTO alias (id, n) VALUES (?, ?) ON CONFLICT DO NOTHING").run(arrival.id, known.n);
  batch.aliases = true;
}

const MOST_TAG_LISTS = 10_000;
const tagLists = new Map<string, readonly string[]>();

/** Few lists of tags repeat in most rows. */
function tagsOf(json: string): readonly string[] {
  const known = tagLists.get(json);
  if (known !== undefined) return known;
  if (tagLists.size >= MOST_TAG_LISTS) tagLists.clear();
  const tags = parseTags(json);
  tagLists.set(json, tags);
  return tags;
}

/** "" where the value is absent: no column that is asked for here holds an empty text that means something. */
function textAt(values: readonly SQLInputValue[], place: number): string {
  const value = values[place];
  return typeof value === "string" ? value : "";
}

function numberAt(values: readonly SQLInputValue[], place: number): number | null {
  const value = values[place];
  return typeof value === "number" ? value : null;
}
