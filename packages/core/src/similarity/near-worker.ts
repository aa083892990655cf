// A thread of near-file.ts: reads ranges of the file and hands over their shingle sets, and decides in the end.
import { openSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { loadByteKernels } from "../text/kernels/load.ts";
import { readRange } from "./near-lines.ts";
import type { NearReply, NearRequest, NearWorkerData } from "./near-messages.ts";
import { followNearPlan } from "./near.ts";

const { path, fields, shingleWords, sketch }: NearWorkerData = workerData;
const file = openSync(path, "r");
const kernels = loadByteKernels();

parentPort?.on("message", (request: NearRequest) => {
  const reply = answer(request);
  parentPort?.postMessage(reply, buffersOf(reply));
});

function answer(request: NearRequest): NearReply {
  if (request.kind === "decide") {
    return { kind: "decided", found: followNearPlan(request.sets, request.options, request.plan, request.keys) };
  }
  const { texts, ...rows } = readRange(file, request.start, request.end, fields);
  const sets = kernels.shingleSets(texts, shingleWords);
  const keys = sketch === undefined ? new Int32Array(0) : kernels.bandKeys(sets, sketch);
  return { kind: "range", sets, keys, ...rows };
}

function buffersOf(reply: NearReply): ArrayBuffer[] {
  const arrays =
    reply.kind === "range"
      ? [reply.sets.values, reply.sets.offsets, reply.keys, reply.byteOffsets, reply.lines]
      : [reply.found.witness, reply.found.similarity, reply.found.weight];
  return arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
