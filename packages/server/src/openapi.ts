import type { JsonObject } from "@tilth/core";
import { describeInput, describeOutput } from "@tilth/core";
import { besides } from "./openapi-besides.ts";
import { problemStatuses } from "./problems.ts";
import type { AnyOperation } from "./request-input.ts";
import { base } from "./base.ts";
import { shownByOf } from "./routes.ts";

type Schemas = Record<string, JsonObject>;

/**
 * Describes the whole server in OpenAPI 3.1: every operation with its input, its answer and its refusals, and what there is beside them.
 *
 * Made of the operations' own schemas when somebody asks; nothing of it is written by hand twice.
 */
export function describeApi(operations: readonly AnyOperation[], { version }: { readonly version: string }): JsonObject {
  const schemas: Schemas = { Problem: problemSchema };
  const paths: Record<string, Record<string, JsonObject>> = {};
  const shownBy = shownByOf(operations);
  for (const operation of operations) {
    const hasState = shownBy(operation) !== undefined;
    const path = `${base}${operation.http.path}`.replaceAll(/:(\w+)/g, "{$1}");
    const at = (paths[path] ??= {});
    at[operation.http.method.toLowerCase()] = describeOperation(operation, { schemas, hasState });
    if (operation.changesWith !== undefined) at["post"] = describeChange(operation, schemas);
  }
  for (const { path, method, says } of besides) (paths[path] ??= {})[method] = { ...says, responses: { ...says.responses, ...refusals() } };
  return {
    openapi: "3.1.0",
    info: {
      title: "Tilth",
      version,
      summary: "Training data: import, check, review, version, export",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      headers: commonHeaders,
      responses: { Problem: problemResponse },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "A key, as `tilth key create` makes it. Until there is a key or a password, this machine itself needs neither.",
        },
        session: { type: "apiKey", in: "cookie", name: "__Host-tilth", description: "The session of somebody who has signed in." },
      },
    },
  };
}

/** The same operation where it changes something. */
function describeChange(operation: AnyOperation, schemas: Schemas): JsonObject {
  const { changesWith: { members = [], scope = "" } = {}, name, title, http } = operation;
  return {
    ...describeOperation({ ...operation, http: { ...http, method: "POST" } }, { schemas, hasState: false }),
    operationId: `${name}.${members.join(".")}`,
    summary: `${title}, with ${members.map((member) => `\`${member}\``).join(", ")}`,
    description: `Needs the scopes \`${operation.scope}\` and \`${scope}\`.`,
  };
}

interface Described {
  readonly schemas: Schemas;
  /** Another operation shows what this one changes. */
  readonly hasState: boolean;
}

function describeOperation(operation: AnyOperation, { schemas, hasState }: Described): JsonObject {
  const { name, title, http, scope, body, changesWith } = operation;
  const inPath = [...http.path.matchAll(/:(\w+)/g)].map(([, part = ""]) => part);
  const input = hoisted(`${name}.input`, describeInput(operation), schemas);
  const output = hoisted(`${name}.output`, describeOutput(operation), schemas);
  schemas[`${name}.output`] = output;
  const members = objectOf(input["properties"]);
  // A dataset in the path before a version in the address: the input has both as one.
  const joined = inPath.some((part) => !(part in members)) ? ["version"] : [];
  const changing = http.method === "GET" ? (changesWith?.members ?? []) : [];
  const outside = [...inPath, ...joined, ...withheldMembers(operation), ...changing];
  const said = Object.entries(members).filter(([member]) => !outside.includes(member));
  const required = listOf(input["required"]);
  return {
    operationId: name,
    summary: title,
    tags: [name.split(".")[0] ?? name],
    description: `Needs the scope \`${scope}\`.`,
    parameters: [
      ...inPath.map((part) => parameter(part, "path", objectOf(members[part] ?? { type: "string", minLength: 1 }), true)),
      ...(body === "json" ? [] : said.map(([member, schema]) => parameter(member, "query", objectOf(schema), required.includes(member)))),
      ...joined.map((member) =>
        parameter(member, "query", { type: "string", pattern: "^[^@]+$", description: "Such as `1.2`, `latest` or `pool`." }, false),
      ),
      ...ownParameters(operation),
      ...headersOf(operation, { hasState }),
    ],
    ...requestBodyOf(operation, { name, said, required, input, schemas, outside }),
    responses: {
      "200": answerOf(operation),
      ...(operation.runs === "job" ? { "202": acceptedJob } : {}),
      ...(http.method === "GET" ? { "304": notModified } : {}),
      ...refusals(),
    },
  };
}

function withheldMembers({ http: { places = {} } }: AnyOperation): readonly string[] {
  return Object.entries(places).flatMap(([member, place]) => (place === "backup" ? [] : [member]));
}

interface BodyFacts {
  readonly name: string;
  readonly said: readonly (readonly [string, unknown])[];
  readonly required: readonly string[];
  readonly input: JsonObject;
  readonly schemas: Schemas;
  readonly outside: readonly string[];
}

function requestBodyOf({ body, http }: AnyOperation, { name, said, required, input, schemas, outside }: BodyFacts): JsonObject {
  if (body === "none") return {};
  if (body === "stream") {
    const bytes = { schema: { type: "string", contentMediaType: "application/octet-stream" } };
    const description =
      "The file as it is: JSON Lines, JSON, CSV, Parquet …, packed with gzip or not. Left away where `upload` names a finished upload.";
    const properties = { ...Object.fromEntries(said.map(([member, schema]) => [member, objectOf(schema)])), file: bytes.schema };
    const form = {
      schema: { type: "object", description: "Texts first, the file last.", properties, required: ["file"], additionalProperties: false },
    };
    const content = { "application/octet-stream": bytes, "application/jsonl": bytes, "text/csv": bytes, "multipart/form-data": form };
    return { requestBody: { description, content } };
  }
  const needed = required.filter((member) => !outside.includes(member));
  const places = http.places ?? {};
  const properties = Object.fromEntries(said.map(([member, schema]) => [member, member in places ? backupName : objectOf(schema)]));
  const { required: _, ...rest } = input;
  schemas[`${name}.input`] = { ...rest, properties, ...(needed.length === 0 ? {} : { required: [...needed] }) };
  const whole = reference(`${name}.input`);
  if (http.list === undefined) return { requestBody: { required: needed.length > 0, content: { "application/json": { schema: whole } } } };
  const list = objectOf(properties[http.list]);
  const lines = { schema: { type: "string", description: `One of \`${http.list}\` a line.` } };
  const content = { "application/json": { schema: { anyOf: [list, whole] } }, "application/x-ndjson": lines, "application/jsonl": lines };
  return { requestBody: { required: needed.length > 0, content } };
}

const backupName: JsonObject = {
  type: "string",
  pattern: "^[A-Za-z0-9][A-Za-z0-9_.\\-]{0,99}$",
  description: "A plain name: a folder among the server's backups.",
};

/** Members that the server reads itself. */
function ownParameters({ body, http: { places = {} } }: AnyOperation): readonly JsonObject[] {
  const upload = { type: "string", format: "uuid", description: "A finished upload, in place of a body." };
  const download = {
    type: "string",
    description: "Sends the file of this split or name, or with `true` the only one, in place of the report.",
  };
  return [
    ...(body === "stream" ? [parameter("upload", "query", upload, false)] : []),
    ...(Object.values(places).includes("own") ? [parameter("download", "query", download, false)] : []),
  ];
}

function headersOf({ runs, isSecret, http: { method } }: AnyOperation, { hasState }: Pick<Described, "hasState">): readonly JsonObject[] {
  const prefer = runs === "job" ? [parameter("Prefer", "header", preference, false)] : [];
  if (method === "GET") return [parameter("If-None-Match", "header", { type: "string" }, false), ...prefer];
  const match = parameter(
    "If-Match",
    "header",
    { type: "string", description: "The ETag of what is changed: 412 where it is another by now." },
    false,
  );
  const key = parameter(
    "Idempotency-Key",
    "header",
    { type: "string", pattern: "^[!-~]{1,255}$", description: "The same request twice is one request." },
    false,
  );
  return [...(hasState ? [match] : []), ...(isSecret === true ? [] : [key]), ...prefer];
}

function answerOf(operation: AnyOperation): JsonObject {
  const { name, http } = operation;
  const hasFiles = Object.values(http.places ?? {}).includes("own");
  return {
    description: operation.title,
    headers: {
      ETag: { $ref: "#/components/headers/ETag" },
      "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
      ...(http.method === "GET" ? { Link: { $ref: "#/components/headers/Link" } } : {}),
    },
    content: {
      "application/json": { schema: reference(`${name}.output`) },
      ...(hasFiles
        ? {
            "application/octet-stream": {},
            "application/jsonl": {},
            "text/csv": {},
            "text/tab-separated-values": {},
            "application/vnd.apache.parquet": {},
          }
        : {}),
    },
  };
}

/** Every way in which any request may be refused. */
function refusals(): JsonObject {
  return Object.fromEntries(problemStatuses.map((status) => [String(status), { $ref: "#/components/responses/Problem" }]));
}

function parameter(
  name: string,
  place: "path" | "query" | "header",
  { description, ...schema }: JsonObject,
  isRequired: boolean,
): JsonObject {
  return { name, in: place, required: isRequired, ...(description === undefined ? {} : { description }), schema };
}

/** Takes the definitions inside of a schema out, under names of their own: in one document there is one place for all of them. */
function hoisted(name: string, schema: JsonObject, schemas: Schemas): JsonObject {
  const { $defs, ...rest } = objectOf(moved(name, schema));
  for (const [key, value] of Object.entries(objectOf($defs ?? {}))) schemas[`${name}.${key}`] = objectOf(value);
  return rest;
}

function moved(name: string, schema: JsonObject): unknown {
  return JSON.parse(
    JSON.stringify(schema)
      .replaceAll('"$ref":"#/$defs/', `"$ref":"#/components/schemas/${name}.`)
      .replaceAll('"$ref":"#"', `"$ref":"#/components/schemas/${name}"`),
  );
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function objectOf(value: unknown): JsonObject {
  const held: JsonObject = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  return held;
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const problemSchema: JsonObject = {
  type: "object",
  description: "RFC 9457.",
  properties: {
    type: { type: "string", description: "Leads to the error's line on the page of errors." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "The value, the place and the way out." },
    code: { type: "string", description: "Such as `example/stale`: what programs branch on." },
    requestId: { type: "string" },
    details: { type: "object", description: "What the sentence is made of." },
  },
  required: ["type", "title", "status", "detail", "code", "requestId"],
};

const problemResponse: JsonObject = {
  description: "The request was not done.",
  headers: { "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" }, "Retry-After": { $ref: "#/components/headers/Retry-After" } },
  content: { "application/problem+json": { schema: reference("Problem") } },
};

const preference: JsonObject = {
  type: "string",
  description:
    "RFC 7240. `respond-async`: answer at once with the job that does it. `wait=SECONDS`: answer so once they have passed. It is done either way.",
};

const acceptedJob: JsonObject = {
  description: "The job that does it, as Prefer wished: `GET` its Location shows how far it is, and what came of it.",
  headers: {
    Location: { $ref: "#/components/headers/Location" },
    "Preference-Applied": { $ref: "#/components/headers/Preference-Applied" },
    "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
  },
  content: { "application/json": { schema: reference("job.show.output") } },
};

const notModified: JsonObject = { description: "It is what If-None-Match names." };

const commonHeaders: JsonObject = {
  ETag: { description: "Names the state of what is shown; begins with its revision where it has one.", schema: { type: "string" } },
  "X-Request-Id": { description: "Names the request in the log; a caller may choose it.", schema: { type: "string" } },
  Link: { description: 'The page after this one, `rel="next"`.', schema: { type: "string" } },
  "Retry-After": { description: "Seconds.", schema: { type: "integer" } },
  Location: { description: "Where the job is shown.", schema: { type: "string" } },
  "Preference-Applied": { description: "Which wish of Prefer was fulfilled.", schema: { type: "string" } },
};
