import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { CapturedEvents } from "../intake/capture.ts";
import type { Operation } from "./operation.ts";

/** How many events one call may bring. */
export const MOST_EVENTS = 1_000;

const input = z.strictObject({
  /** Each an example or a signal; what is wrong with one of them is told in the answer, and the others are taken. */
  events: z.array(z.unknown()),
});

const count = z.int().min(0);

const output: z.ZodType<CapturedEvents> = z.object({
  accepted: count,
  /** Known by their id, or by what they say. */
  duplicate: count,
  rejected: z.array(z.object({ index: count, code: z.string(), message: z.string() })).readonly(),
});

/** Takes in what an application captures, durably before the answer; sent twice, an event is stored once. */
export const captureEvents: Operation<"event.capture", z.output<typeof input>, CapturedEvents, z.input<typeof input>> = {
  on: "workspace",
  name: "event.capture",
  title: "Take in what an application captures",
  http: { method: "POST", path: "/capture", list: "events" },
  scope: "training_data:write",
  // Each event names its own dataset, and is held to the limit by itself.
  underLimit: "filtered",
  // What is captured says by itself who sent it and when.
  audited: "afterwards",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { events }, { actor, datasets }) {
    if (events.length > MOST_EVENTS) throw new TilthError("capture/too-large", { events: events.length, limit: MOST_EVENTS });
    const room = await workspace.capture();
    return room.take(events, { actor, ...(datasets === undefined ? {} : { datasets }) });
  },
};
