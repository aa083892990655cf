import { join } from "node:path";
import type { FolderOperation, JsonObject, Operation, Places } from "@tilth/core";
import { describeInput, TilthError } from "@tilth/core";
import type { FastifyRequest } from "fastify";

export type AnyOperation = Operation | FolderOperation;

/** What a request says, by where it says it. */
export interface Given {
  readonly request: FastifyRequest;
  /** The parsed body of an operation that takes JSON. */
  readonly body?: unknown;
  /** Texts of a form, which say what an address would. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Members of the address that this server reads itself. */
  readonly own?: readonly string[];
  /** Where the server keeps the backups it is told to make. */
  readonly backups: string;
}

/**
 * The input of an operation, from the address and the body of a request.
 *
 * @throws {@link TilthError} `request/query` and `request/body` for what does not fit, naming the member.
 */
export function inputOf(operation: AnyOperation, given: Given): unknown {
  const { places = {} } = operation.http;
  const fromBody = bodyMembers(operation, given);
  const raw = { ...fromBody, ...queryMembers(operation, given), ...pathMembers(operation, given) };
  const parsed = safeParse(operation, placed(raw, places, given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? operation.name : issue.path.map(String).join(".");
  const problem = (issue?.message ?? "does not fit the operation").replace(/\.$/, "");
  const isBody = fromBody !== undefined && (issue?.path[0] === undefined || String(issue.path[0]) in fromBody || operation.body === "json");
  throw new TilthError(isBody ? "request/body" : "request/query", { where, problem });
}

/** JSON may nest deeper than a schema can walk. */
function safeParse({ input }: AnyOperation, raw: unknown): ReturnType<AnyOperation["input"]["safeParse"]> {
  try {
    return input.safeParse(raw);
  } catch (cause) {
    if (cause instanceof RangeError) throw new TilthError("request/body", { where: "body", problem: "it nests too deep" }, { cause });
    throw cause;
  }
}

function bodyMembers({ body: takes }: AnyOperation, { body }: Given): Readonly<Record<string, unknown>> | undefined {
  if (takes !== "json") return undefined;
  if (body === undefined) return {};
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new TilthError("request/body", { where: "body", problem: "it is no JSON object" });
  return { ...body };
}

/** `:dataset` before `/export` names the dataset of a version, which the input has as `version`. */
function pathMembers(operation: AnyOperation, { request }: Given): Readonly<Record<string, unknown>> {
  const known = propertiesOf(operation);
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(paramsOf(request))) {
    if (name in known) members[name] = value;
    else members["version"] = versionOf(value, request);
  }
  return members;
}

function versionOf(dataset: string, request: FastifyRequest): string {
  const version = textOf(queryOf(request)["version"]);
  if (version?.includes("@") === true)
    throw new TilthError("request/query", { where: "version", problem: "name the version alone, such as 1.2, latest or pool" });
  return version === undefined ? dataset : `${dataset}@${version}`;
}

function queryMembers(operation: AnyOperation, { request, own = [], fields = {} }: Given): Readonly<Record<string, unknown>> {
  const known = propertiesOf(operation);
  const inPath = paramsOf(request);
  const members: Record<string, unknown> = {};
  const query = queryOf(request);
  const twice = Object.keys(fields).find((name) => name in query);
  if (twice !== undefined) throw new TilthError("request/query", { where: twice, problem: "the address and the form both say it" });
  for (const [name, value] of [...Object.entries(query), ...Object.entries(fields)]) {
    if (own.includes(name) && name in query) continue;
    const schema = known[name];
    // A body says everything itself: the same member in two places would be a riddle.
    if (operation.body === "json" || schema === undefined || name in inPath)
      throw new TilthError("request/query", { where: name, problem: unknownReason(operation, Object.keys(known)) });
    if (request.method !== "POST" && operation.changesWith?.members.includes(name) === true)
      throw new TilthError("request/query", { where: name, problem: "it changes something, which a GET never does: send it with POST" });
    members[name] = coerced(name, value, schema);
  }
  return members;
}

function unknownReason({ body }: AnyOperation, known: readonly string[]): string {
  if (body === "json") return "the address says nothing here, the body says it";
  return known.length === 0 ? "nothing is asked in the address" : `it is not among ${known.join(", ")}`;
}

/** Text of an address as the type that the schema names; what does not fit stays text, which the schema then refuses by name. */
function coerced(name: string, value: unknown, schema: JsonObject): unknown {
  const types = typesOf(schema);
  if (types.has("array")) return (Array.isArray(value) ? value : [value]).map((one) => coerced(name, one, itemsOf(schema)));
  if (Array.isArray(value)) throw new TilthError("request/query", { where: name, problem: "it is given more than once" });
  const text = textOf(value) ?? "";
  if ((types.has("number") || types.has("integer")) && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function typesOf(schema: JsonObject): ReadonlySet<string> {
  const { type, anyOf } = schema;
  if (typeof type === "string") return new Set([type]);
  if (Array.isArray(anyOf)) return new Set(anyOf.flatMap((one) => (isObject(one) ? [...typesOf(one)] : [])));
  return new Set();
}

function itemsOf({ items }: JsonObject): JsonObject {
  return isObject(items) ? items : {};
}

/** Nobody far away names places on this machine; a backup gets a folder of its own by its plain name. */
function placed(members: Readonly<Record<string, unknown>>, places: Places, { backups }: Given): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { ...members };
  for (const [name, place] of Object.entries(places)) {
    const value = members[name];
    if (value === undefined) continue;
    if (place !== "backup")
      throw new TilthError("request/query", { where: name, problem: "places on the server cannot be named from here" });
    if (typeof value !== "string" || !/^[A-Za-z0-9][\w.-]{0,99}$/.test(value))
      throw new TilthError("request/body", {
        where: name,
        problem: "it must be a plain name, which becomes a folder among the server's backups",
      });
    result[name] = join(backups, value);
  }
  return result;
}

const propertiesByOperation = new WeakMap<AnyOperation, Readonly<Record<string, JsonObject>>>();

/** The members of an operation's input, each with its JSON Schema. */
export function propertiesOf(operation: AnyOperation): Readonly<Record<string, JsonObject>> {
  const found = propertiesByOperation.get(operation);
  if (found !== undefined) return found;
  const { properties } = describeInput(operation);
  const members = Object.entries(isObject(properties) ? properties : {});
  const made = Object.fromEntries(members.flatMap(([name, schema]) => (isObject(schema) ? [[name, schema] as const] : [])));
  propertiesByOperation.set(operation, made);
  return made;
}

/** The values of the path's places, decoded. */
export function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(entriesOf(request.params).map(([name, value]) => [name, String(value)]));
}

/** What the address asks; a value given twice is a list. */
export function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entriesOf(request.query));
}

/** The text of one member of the address. */
export function queryText(request: FastifyRequest, name: string): string | undefined {
  return textOf(queryOf(request)[name]);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
