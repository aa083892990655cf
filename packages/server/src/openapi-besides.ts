import type { JsonObject } from "@tilth/core";

/** A route that belongs to no operation. */
export interface Beside {
  readonly path: string;
  readonly method: "get" | "post" | "patch" | "delete" | "head";
  readonly says: JsonObject & { readonly responses: JsonObject };
}

const id: JsonObject = { name: "id", in: "path", required: true, schema: { type: "string" } };
const text = (type: string): JsonObject => ({ [type]: { schema: { type: "string" } } });

/** One event; the schema of a stream describes each of them. */
const events: JsonObject = {
  "text/event-stream": {
    schema: {
      type: "object",
      properties: { event: { type: "string" }, data: { type: "string" }, id: { type: "string" }, retry: { type: "integer" } },
    },
  },
};

const upload: JsonObject = {
  type: "object",
  properties: {
    id: { type: "string" },
    name: { type: "string" },
    offset: { type: "integer", minimum: 0, description: "Bytes that are safe; the next piece begins here." },
    total: { type: "integer", minimum: 0 },
    expiresAt: { type: "string", format: "date-time" },
  },
  required: ["id", "name", "offset", "expiresAt"],
  additionalProperties: false,
};

const uploadAnswer: JsonObject = {
  description: "How far the upload is.",
  headers: { "Upload-Offset": { schema: { type: "integer" } }, "Upload-Length": { schema: { type: "integer" } } },
  content: { "application/json": { schema: upload } },
};

const health: JsonObject = {
  type: "object",
  properties: {
    status: { type: "string", enum: ["healthy", "degraded"] },
    directories_ok: { type: "boolean" },
    timestamp: { type: "string", format: "date-time" },
    version: { type: "string" },
    degraded: {
      type: "array",
      items: {
        type: "object",
        properties: { part: { type: "string" }, reason: { type: "string" }, wayOut: { type: "string" } },
        required: ["part", "reason", "wayOut"],
        additionalProperties: false,
      },
    },
  },
  required: ["status", "directories_ok", "timestamp", "version", "degraded"],
  additionalProperties: false,
};

const words = (...names: readonly string[]): JsonObject => ({
  required: true,
  content: {
    "application/json": {
      schema: {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
        required: [...names],
        additionalProperties: false,
      },
    },
  },
});

const session: JsonObject = {
  description: "Who one is now.",
  content: { "application/json": { schema: { type: "object", properties: { actor: { type: "string" } }, required: ["actor"] } } },
};

const uploads = "/api/training-data/uploads";

/** What the server offers beside the operations. */
export const besides: readonly Beside[] = [
  {
    path: uploads,
    method: "post",
    says: {
      operationId: "upload.begin",
      summary: "Begin an upload in pieces",
      tags: ["upload"],
      parameters: [
        {
          name: "Upload-Length",
          in: "header",
          required: false,
          description: "Bytes of the whole file.",
          schema: { type: "integer", minimum: 0 },
        },
        {
          name: "Content-Disposition",
          in: "header",
          required: false,
          description: 'The file\'s name, as `attachment; filename="a.jsonl"`.',
          schema: { type: "string" },
        },
      ],
      responses: { "201": { ...uploadAnswer, description: "The upload that was begun." } },
    },
  },
  {
    path: `${uploads}/{id}`,
    method: "get",
    says: {
      operationId: "upload.show",
      summary: "Tell how far an upload is",
      tags: ["upload"],
      parameters: [id],
      responses: { "200": uploadAnswer },
    },
  },
  {
    path: `${uploads}/{id}`,
    method: "patch",
    says: {
      operationId: "upload.add",
      summary: "Add bytes to an upload",
      tags: ["upload"],
      parameters: [id, { name: "Upload-Offset", in: "header", required: true, schema: { type: "integer", minimum: 0 } }],
      requestBody: {
        content: { "application/octet-stream": { schema: { type: "string", contentMediaType: "application/octet-stream" } } },
      },
      responses: { "200": uploadAnswer },
    },
  },
  {
    path: `${uploads}/{id}`,
    method: "delete",
    says: {
      operationId: "upload.remove",
      summary: "Give an upload up",
      tags: ["upload"],
      parameters: [id],
      responses: { "204": { description: "It is gone." } },
    },
  },
  {
    path: "/api/training-data/exports/{folder}/{file}",
    method: "get",
    says: {
      operationId: "export.file",
      summary: "Fetch a file that an export wrote, or a range of it",
      tags: ["export"],
      parameters: [
        { name: "folder", in: "path", required: true, schema: { type: "string" } },
        { name: "file", in: "path", required: true, schema: { type: "string" } },
        { name: "Range", in: "header", required: false, schema: { type: "string" } },
      ],
      responses: {
        "200": { description: "The file.", content: { "*/*": {} } },
        "206": { description: "The range.", content: { "*/*": {} } },
        "304": { description: "It is what If-None-Match names." },
      },
    },
  },
  {
    path: "/api/training-data/imports/{folder}/{file}",
    method: "get",
    says: {
      operationId: "import.file",
      summary: "Fetch the list of rows that an import refused, or a range of it",
      tags: ["example"],
      parameters: [
        { name: "folder", in: "path", required: true, schema: { type: "string" } },
        { name: "file", in: "path", required: true, schema: { type: "string" } },
        { name: "Range", in: "header", required: false, schema: { type: "string" } },
      ],
      responses: {
        "200": { description: "The file.", content: { "*/*": {} } },
        "206": { description: "The range.", content: { "*/*": {} } },
        "304": { description: "It is what If-None-Match names." },
      },
    },
  },
  {
    path: "/api/training-data/events",
    method: "get",
    says: {
      operationId: "pool.events",
      summary: "Tell of changes as they happen, as server-sent events",
      tags: ["pool"],
      parameters: [
        {
          name: "dataset",
          in: "query",
          required: false,
          description: "Only changes of its members.",
          schema: { type: "string", minLength: 1 },
        },
        {
          name: "after",
          in: "query",
          required: false,
          description: "The `seq` to go on behind; a browser says it as Last-Event-ID.",
          schema: { type: "integer", minimum: 0 },
        },
      ],
      responses: {
        "200": {
          description: "Events `change` with `{ seq, id, change }`, and `lag` where changes come faster than they are read.",
          content: events,
        },
      },
    },
  },
  {
    path: "/api/training-data/jobs/events",
    method: "get",
    says: {
      operationId: "job.events",
      summary: "Tell how all jobs go on, as server-sent events",
      tags: ["job"],
      responses: {
        "200": {
          description: "Events `progress` and `end` with the job, and `remark` with `{ id, message }`; those that wait or run come first.",
          content: events,
        },
      },
    },
  },
  {
    path: "/api/training-data/jobs/{id}/events",
    method: "get",
    says: {
      operationId: "job.follow",
      summary: "Tell how a job goes on until it ends, as server-sent events",
      tags: ["job"],
      parameters: [id],
      responses: {
        "200": {
          description: "Events `progress` with the job, `remark` with `{ id, message }`, and at last `end` with the job.",
          content: events,
        },
      },
    },
  },
  {
    path: "/health",
    method: "get",
    says: {
      operationId: "server.health",
      summary: "Say in short whether everything works",
      tags: ["server"],
      security: [],
      responses: { "200": { description: "Healthy, or degraded and why.", content: { "application/json": { schema: health } } } },
    },
  },
  {
    path: "/ready",
    method: "get",
    says: {
      operationId: "server.ready",
      summary: "Say whether requests are answered",
      tags: ["server"],
      security: [],
      responses: {
        "200": {
          description: "They are.",
          content: {
            "application/json": {
              schema: { type: "object", properties: { ready: { const: true } }, required: ["ready"], additionalProperties: false },
            },
          },
        },
      },
    },
  },
  {
    path: "/metrics",
    method: "get",
    says: {
      operationId: "server.metrics",
      summary: "Figures for Prometheus",
      tags: ["server"],
      responses: { "200": { description: "Figures.", content: text("text/plain") } },
    },
  },
  {
    path: "/api/session",
    method: "get",
    says: { operationId: "session.show", summary: "Say who one is", tags: ["session"], responses: { "200": session } },
  },
  {
    path: "/api/session",
    method: "post",
    says: {
      operationId: "session.start",
      summary: "Sign in",
      tags: ["session"],
      security: [],
      requestBody: words("name", "password"),
      responses: { "200": session },
    },
  },
  {
    path: "/api/session",
    method: "delete",
    says: { operationId: "session.end", summary: "Sign out", tags: ["session"], responses: { "204": { description: "Signed out." } } },
  },
  {
    path: "/api/session/link",
    method: "post",
    says: {
      operationId: "session.link",
      summary: "Sign in by a link",
      tags: ["session"],
      security: [],
      requestBody: words("token"),
      responses: { "200": session },
    },
  },
  {
    path: "/api/session/password",
    method: "post",
    says: {
      operationId: "session.password",
      summary: "Set one's own password",
      tags: ["session"],
      requestBody: words("current", "password"),
      responses: { "204": { description: "It is set." } },
    },
  },
];
