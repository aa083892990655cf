import { kinds } from "./content.ts";
import { learningValues, lifecycles, relevances, reviewStatuses, sourceKinds, tiers } from "./example.ts";
import { severities } from "./finding.ts";

/**
 * What a filter may ask of a field, and how its values compare.
 *
 * - `string`: a name or an identifier; ordered by UTF-8 bytes.
 * - `word`: one of a few words without order.
 * - `ordered`: one of a few words, compared by their rank in `words`.
 * - `number`, `boolean`, `time` (milliseconds UTC).
 * - `list`: texts without order.
 * - `text`: prose; `parts`: several prose fields, searched together.
 * - `json`: a place in a JSON object, compared by the type of the literal.
 */
export type FieldType = "string" | "word" | "ordered" | "number" | "boolean" | "time" | "list" | "text" | "parts" | "json";

export interface FilterField {
  readonly type: FieldType;
  /** For `word` and `ordered`: the values there are, lowest first. */
  readonly words?: readonly string[];
  /** For `parts`: the fields of type `text` that are searched. */
  readonly parts?: readonly PlainFieldName[];
}

/** The fields of the filter language: all but the places in `metadata` and `features`, which are open. */
export const filterFields = {
  id: { type: "string" },
  kind: { type: "word", words: kinds },
  source: { type: "string" },
  sourceKind: { type: "word", words: sourceKinds },
  sourceId: { type: "string" },
  parentId: { type: "string" },
  groupKey: { type: "string" },
  project: { type: "string" },
  domain: { type: "string" },
  topic: { type: "string" },
  type: { type: "string" },
  style: { type: "string" },
  tag: { type: "list" },
  language: { type: "string" },
  complexity: { type: "number" },
  confidence: { type: "number" },
  weight: { type: "number" },
  learningValue: { type: "ordered", words: learningValues },
  "quality.score": { type: "number" },
  "quality.tier": { type: "ordered", words: tiers },
  relevance: { type: "ordered", words: relevances },
  reviewStatus: { type: "word", words: reviewStatuses },
  lifecycle: { type: "word", words: lifecycles },
  includeInTraining: { type: "boolean" },
  verifiedAccurate: { type: "boolean" },
  wasCorrected: { type: "boolean" },
  wasUsed: { type: "boolean" },
  modificationsMade: { type: "text" },
  validated: { type: "boolean" },
  createdAt: { type: "time" },
  createdBy: { type: "string" },
  updatedAt: { type: "time" },
  rev: { type: "number" },
  label: { type: "boolean" },
  intent: { type: "string" },
  sentiment: { type: "string" },
  persona: { type: "string" },
  category: { type: "list" },
  input: { type: "text" },
  output: { type: "text" },
  rejected: { type: "text" },
  systemPrompt: { type: "text" },
  context: { type: "text" },
  text: { type: "parts", parts: ["input", "output", "rejected"] },
  /** Names of the rules that found something. */
  rule: { type: "list" },
  /** Of the worst finding. */
  severity: { type: "ordered", words: severities },
  "engagement.impressions": { type: "number" },
  "engagement.viewers": { type: "number" },
  "engagement.likes": { type: "number" },
  "engagement.reposts": { type: "number" },
  "engagement.replies": { type: "number" },
  "engagement.bookmarks": { type: "number" },
  "engagement.shares": { type: "number" },
  "engagement.dismissals": { type: "number" },
  useCount: { type: "number" },
  lastUsedAt: { type: "time" },
  /** Was in a training run, or in an export marked as used. */
  used: { type: "boolean" },
  freshness: { type: "number" },
  /** Repeats another example that is kept in its place. */
  isDuplicate: { type: "boolean" },
  feedback: { type: "text" },
  importId: { type: "string" },
} as const satisfies Record<string, { readonly type: FieldType; readonly words?: readonly string[]; readonly parts?: readonly string[] }>;

export type PlainFieldName = keyof typeof filterFields;

/** The columns that hold JSON objects; a filter names a place in them. */
export type JsonFieldRoot = "metadata" | "features";

/** A field as a tree holds it; members of a JSON path that are no bare word stand in double quotes: `metadata."gen_ai.system".name`. */
export type FilterFieldName = PlainFieldName | `${JsonFieldRoot}.${string}`;

/** What a field is compared with; a time is milliseconds UTC. */
export type FilterLiteral = string | number | boolean;

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "contains" | "has" | "is-missing" | "matches";

const equality = ["=", "!=", "in", "is-missing"] as const;
const order = ["<", "<=", ">", ">="] as const;
const search = ["contains", "matches"] as const;

/** What each type of field understands. On a list, `=`, `!=` and `in` ask for membership. */
export const operatorsOf: { readonly [T in FieldType]: readonly Operator[] } = {
  string: [...equality, ...order, ...search],
  word: equality,
  ordered: [...equality, ...order],
  number: [...equality, ...order],
  boolean: ["=", "!=", "is-missing"],
  time: ["=", "!=", "is-missing", ...order],
  list: ["has", ...equality],
  text: ["=", "!=", "is-missing", ...search],
  parts: ["is-missing", ...search],
  json: [...equality, ...order, ...search],
};

/** Other ways to write a field. */
export const filterAliases: { readonly [alias: string]: PlainFieldName | undefined } = { tags: "tag", categories: "category" };

/** The definition of a field that a tree names. */
export function fieldOf(name: FilterFieldName): FilterField {
  return isPlainField(name) ? filterFields[name] : { type: "json" };
}

/** True for the fields of {@link filterFields}. */
export function isPlainField(name: string): name is PlainFieldName {
  return Object.hasOwn(filterFields, name);
}

/** A place in one of the JSON columns. */
export interface JsonPath {
  readonly root: JsonFieldRoot;
  readonly members: readonly string[];
}

const JSON_FIELD = /^(metadata|features)((?:\.(?:"[^"\\]+"|[^."]+))+)$/;
const MEMBER = /"([^"]+)"|([^."]+)/g;

/** The place that a field names: `metadata.a."b.c"` is member `b.c` of member `a`; nothing for any other text. */
export function jsonPathOf(name: string): JsonPath | undefined {
  const [, root, path] = JSON_FIELD.exec(name) ?? [];
  if (path === undefined || (root !== "metadata" && root !== "features")) return undefined;
  return { root, members: Array.from(path.matchAll(MEMBER), ([, quoted, bare]) => quoted ?? bare ?? "") };
}

const BARE_MEMBER = /^[\p{L}\p{M}\p{N}_:/@+-]+$/u;

/** The one way to write a place in JSON: the inverse of {@link jsonPathOf}. */
export function jsonFieldName(path: JsonPath): `${JsonFieldRoot}.${string}` {
  return `${path.root}.${path.members.map((member) => (BARE_MEMBER.test(member) ? member : `"${member}"`)).join(".")}`;
}
