import { setImmediate as nextTurn } from "node:timers/promises";
import { isTilthError } from "../errors.ts";
import type { CaptureEvent } from "../schema/event.ts";
import { readEvent } from "../schema/event.ts";
import type { Storage } from "../storage/storage.ts";
import type { Clock } from "../text/ulid.ts";
import type { Entry, EntryDoor } from "./capture-entry.ts";
import { enter } from "./capture-entry.ts";
import type { CaptureLimit } from "./capture-limit.ts";
import { eventsOutside } from "./capture-limit.ts";

/** Who sends events. */
export interface CaptureCaller {
  readonly actor: string;
  /** Ids and names of the only datasets they reach; absent = all. */
  readonly datasets?: ReadonlySet<string>;
}

/** An event that is not let in; in words that hold nothing of what it says. */
export interface RejectedEvent {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** An entry, and the place of its event in the call. */
export interface Indexed {
  readonly index: number;
  readonly entry: Entry;
}

/** What came of the events of a call at the door. */
export interface Arrived {
  readonly entries: readonly Indexed[];
  readonly rejected: RejectedEvent[];
}

export interface ArrivalOptions extends EntryDoor {
  readonly storage: Storage;
  readonly clock: Clock;
  /** The id of the dataset of this id or name, made where it is new. */
  readonly datasetOf: (idOrName: string, actor: string) => Promise<string>;
  readonly onItsWay: CaptureLimit["onItsWay"];
}

/** Reading and redacting more at a stretch would keep others waiting. */
const EVENTS_A_TURN = 250;

/** Reads events and takes them through the door, each on its own account. */
export async function enterAll(values: readonly unknown[], caller: CaptureCaller, options: ArrivalOptions): Promise<Arrived> {
  const rejected: RejectedEvent[] = [];
  const read: { readonly index: number; readonly event: CaptureEvent }[] = [];
  for (const [index, value] of values.entries()) {
    const found = readEvent(value);
    if ("event" in found) read.push({ index, event: found.event });
    else rejected.push({ index, code: "input/invalid", message: found.problem });
  }
  const events = read.map(({ event }) => event);
  const outside = await outsideOf(events, caller, options);
  const datasets = await datasetsOf(
    events.filter((event) => !outside.has(event)),
    caller,
    options,
  );
  const atMs = options.clock.nowMs();
  const entries: Indexed[] = [];
  for (const [i, { index, event }] of read.entries()) {
    if (i > 0 && i % EVENTS_A_TURN === 0) await nextTurn();
    const dataset = event.kind === "example" && event.dataset !== undefined ? datasets.get(event.dataset) : undefined;
    if (outside.has(event)) rejected.push({ index, ...forbidden });
    else if (dataset !== undefined && "code" in dataset) rejected.push({ index, ...dataset });
    else {
      const entered = enter(event, options, {
        actor: caller.actor,
        atMs,
        ...(dataset === undefined ? {} : { dataset: dataset.id }),
        ...(caller.datasets === undefined ? {} : { isLimited: true }),
      });
      if ("entry" in entered) entries.push({ index, entry: entered.entry });
      else rejected.push({ index, ...entered });
    }
  }
  return { entries, rejected };
}

const none: ReadonlySet<CaptureEvent> = new Set();

const forbidden = {
  code: "auth/dataset-forbidden",
  message: "an example has to name a dataset that you reach, and a signal to be about an example of one",
} as const;

async function outsideOf(
  events: readonly CaptureEvent[],
  { datasets }: CaptureCaller,
  { storage, onItsWay }: ArrivalOptions,
): Promise<ReadonlySet<CaptureEvent>> {
  return datasets === undefined ? none : eventsOutside(events, { storage, datasets, onItsWay });
}

type Dataset = { readonly id: string } | { readonly code: string; readonly message: string };

/** The ids of the datasets that events name, or why one cannot be had. */
async function datasetsOf(
  events: readonly CaptureEvent[],
  { actor }: CaptureCaller,
  { datasetOf }: ArrivalOptions,
): Promise<ReadonlyMap<string, Dataset>> {
  const names = new Set(events.flatMap((event) => (event.kind === "example" ? (event.dataset ?? []) : [])));
  const found = new Map<string, Dataset>();
  for (const name of names) {
    try {
      found.set(name, { id: await datasetOf(name, actor) });
    } catch (error) {
      if (!isTilthError(error) || error.code.startsWith("storage/")) throw error;
      found.set(name, { code: error.code, message: "there is no such dataset, and none can be made under this name" });
    }
  }
  return found;
}
