import type { JsonObject } from "@tilth/core";
import { describeInput, describeOutput } from "@tilth/core";
import { besides } from "./openapi-besides.ts";
import { problemStatuses } from "./problems.ts";
import type { AnyOperation } from "./request-input.ts";
import { base } from "./routes.ts";

type Schemas = Record<string, JsonObject>;

/**
 * Describes the whole server in OpenAPI 3.1: every operation with its input, its answer and its refusals, and what there is beside them.
 *
 * Made of the operations' own schemas when somebody asks; nothing of it is written by hand twice.
 */
export function describeApi(operations: readonly AnyOperation[], { version }: { readonly version: string }): JsonObject {
  const schemas: Schemas = { Problem: problemSchema };
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const operation of operations) {
    const path = `${base}${operation.http.path}`.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[operation.http.method.toLowerCase()] = describeOperation(operation, schemas);
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
    security: [{ key: [] }, { session: [] }, {}],
    paths,
    components: {
      schemas,
      headers: commonHeaders,
      responses: { Problem: problemResponse },
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key, as `tilth key create` makes it." },
        session: { type: "apiKey", in: "cookie", name: "__Host-tilth", description: "The session of somebody who has signed in." },
      },
    },
  };
}

function describeOperation(operation: AnyOperation, schemas: Schemas): JsonObject {
  const { name, title, http, scope, body } = operation;
  const inPath = [...http.path.matchAll(/:(\w+)/g)].map(([, part = ""]) => part);
  const input = hoisted(`${name}.input`, describeInput(operation), schemas);
  const output = hoisted(`${name}.output`, describeOutput(operation), schemas);
  schemas[`${name}.output`] = output;
  const members = objectOf(input["properties"]);
  // A dataset in the path before a version in the address: the input has both as one.
  const joined = inPath.some((part) => !(part in members)) ? ["version"] : [];
  const outside = [...inPath, ...joined, ...withheldMembers(operation)];
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
      ...headersOf(operation),
    ],
    ...requestBodyOf(operation, { name, said, required, input, schemas, outside }),
    responses: { "200": answerOf(operation), ...(http.method === "GET" ? { "304": notModified } : {}), ...refusals() },
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
    return { requestBody: { description, content: { "application/octet-stream": bytes, "application/jsonl": bytes, "text/csv": bytes } } };
  }
  const needed = required.filter((member) => !outside.includes(member));
  const places = http.places ?? {};
  const properties = Object.fromEntries(said.map(([member, schema]) => [member, member in places ? backupName : objectOf(schema)]));
  const { required: _, ...rest } = input;
  schemas[`${name}.input`] = { ...rest, properties, ...(needed.length === 0 ? {} : { required: [...needed] }) };
  return { requestBody: { required: needed.length > 0, content: { "application/json": { schema: reference(`${name}.input`) } } } };
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

function headersOf({ http: { method, path } }: AnyOperation): readonly JsonObject[] {
  if (method === "GET") return [parameter("If-None-Match", "header", { type: "string" }, false)];
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
  return /:\w/.test(path) ? [match, key] : [key];
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

const notModified: JsonObject = { description: "It is what If-None-Match names." };

const commonHeaders: JsonObject = {
  ETag: { description: "Names the state of what is shown; begins with its revision where it has one.", schema: { type: "string" } },
  "X-Request-Id": { description: "Names the request in the log; a caller may choose it.", schema: { type: "string" } },
  Link: { description: 'The page after this one, `rel="next"`.', schema: { type: "string" } },
  "Retry-After": { description: "Seconds.", schema: { type: "integer" } },
};
