import { TilthError } from "@tilth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";
import { arriving, fileName } from "./request-body.ts";
import { paramsOf, queryOf } from "./request-input.ts";
import type { Calls } from "./routes.ts";
import { base } from "./base.ts";
import type { Upload, Uploads } from "./uploads.ts";

export interface UploadRoutes {
  readonly uploads: Uploads;
  readonly limits: Limits;
  readonly calls: Calls;
}

const place = `${base}/uploads`;

/** Adds the routes of files that arrive in pieces: begin, ask how far it came, go on, give up. */
export function addUploadRoutes(app: FastifyInstance, { uploads, limits, calls }: UploadRoutes): void {
  const guard = calls.guard({ name: "upload", scope: "training_data:write" });
  app.post(place, { preParsing: guard, preHandler: refuseQuery }, async (request, reply) => {
    const total = lengthOf(request);
    const upload = await uploads.begin(calls.callerOf(request).actor, {
      name: fileName(request),
      ...(total === undefined ? {} : { total }),
    });
    return told(reply, upload).code(201).header("location", `${place}/${upload.id}`).send(upload);
  });

  // HEAD comes with it.
  app.get(`${place}/:id`, { preParsing: guard, preHandler: refuseQuery }, async (request, reply) => {
    const upload = await uploads.find(idOf(request), calls.callerOf(request).actor);
    return told(reply, upload).header("cache-control", "no-store").send(upload);
  });

  app.patch(`${place}/:id`, { preParsing: guard, preHandler: refuseQuery }, async (request, reply) => {
    const bytes = arriving(request, "the upload", limits);
    const upload = await uploads.add(idOf(request), calls.callerOf(request).actor, { offset: offsetOf(request), bytes });
    return told(reply, upload).send(upload);
  });

  app.delete(`${place}/:id`, { preParsing: guard, preHandler: refuseQuery }, async (request, reply) => {
    await uploads.remove(idOf(request), calls.callerOf(request).actor);
    return reply.code(204).send();
  });
}

/** Everything is said in the path and the headers. */
async function refuseQuery(request: FastifyRequest): Promise<void> {
  const [name] = Object.keys(queryOf(request));
  if (name !== undefined) throw new TilthError("request/query", { where: name, problem: "nothing is asked in the address" });
}

function told(reply: FastifyReply, { offset, total }: Upload): FastifyReply {
  void reply.header("upload-offset", String(offset));
  return total === undefined ? reply : reply.header("upload-length", String(total));
}

function idOf(request: FastifyRequest): string {
  return paramsOf(request)["id"] ?? "";
}

function lengthOf(request: FastifyRequest): number | undefined {
  const text = request.headers["upload-length"];
  return text === undefined ? undefined : wholeNumber("Upload-Length", text);
}

function offsetOf(request: FastifyRequest): number {
  const text = request.headers["upload-offset"];
  if (text === undefined) throw new TilthError("request/malformed", { problem: "Upload-Offset is missing" });
  return wholeNumber("Upload-Offset", text);
}

function wholeNumber(name: string, text: string | readonly string[]): number {
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw new TilthError("request/malformed", { problem: `${name} is no number of bytes` });
}
