import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Signal, SignalAction } from "../schema/signal.ts";
import { mostRows, noObject, quoted, rowOf } from "./columns.ts";
import { actorOf, signalId, timeOf, wordOf } from "./document-fields.ts";
import type { Format, Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { refuse } from "./reading.ts";

/**
 * Document 5's feedback log: what somebody did with an insight. Each line is one signal `engagement` and no example.
 *
 * A line names the insight alone, which then stands for the example too. Who did it becomes a pseudonym.
 */
export const documentFeedback: Format = {
  name: "document-feedback",
  title: "lines of a feedback log, as document 5 writes them",
  kinds: ["extraction"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "refuses",

  detect(sample) {
    if (!mostRows(sample, (row) => wordOf(row["insight_id"]) !== undefined && typeof row["action"] === "string")) return undefined;
    return { reason: `the rows hold ${quoted(["insight_id", "action"])}: what people did with insights`, specificity: 85 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["metadata"]);
    return row === undefined ? noObject : readFeedback(row);
  },
};

/** Document 5's actions; and its words for them where it describes them. */
const actions: ReadonlyMap<string, SignalAction> = new Map<string, SignalAction>([
  ...(["like", "x", "bookmark", "share", "shown"] as const).map((action) => [action, action] as const),
  ["dismiss", "x"],
  ["save", "bookmark"],
]);

function readFeedback(row: JsonObject): Reading {
  const itemId = wordOf(row["insight_id"]);
  const action = actions.get(typeof row["action"] === "string" ? row["action"] : "");
  const at = timeOf(row["timestamp"]);
  if (itemId === undefined) return refuse("incomplete", "there is no `insight_id`");
  if (action === undefined) return refuse("action", `\`action\` is none of ${[...actions.keys()].join(", ")}`);
  if (at === undefined) return refuse("incomplete", "there is no `timestamp` that is a time");
  const metadata = isJsonObject(row["metadata"]) ? row["metadata"] : {};
  const person = wordOf(metadata["user_id"]) ?? wordOf(row["user_id"]);
  // Views are counted by viewer, and one of nobody is none.
  if (action === "shown" && person === undefined) return refuse("incomplete", "a `shown` has no `user_id`");
  const exampleId = wordOf(row["example_id"]) ?? itemId;
  const signal: Draft<Signal> = { id: signalId(row), kind: "engagement", target: { exampleId, itemId }, action, at };
  if (person !== undefined) signal.actor = actorOf(person);
  const payload = payloadOf({ ...withoutTaken(row), ...metadata });
  if (payload !== undefined) signal.payload = payload;
  return { examples: [], signals: [signal] };
}

const taken = ["timestamp", "insight_id", "example_id", "action", "metadata"];

function withoutTaken(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !taken.includes(name)));
}

/** All but who did it; absent where that was all. */
function payloadOf(members: JsonObject): JsonObject | undefined {
  const rest = Object.entries(members).filter(([name, value]: readonly [string, Json]) => name !== "user_id" && value !== null);
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
