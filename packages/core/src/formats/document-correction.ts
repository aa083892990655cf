import type { Described, NewExample } from "../schema/example.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import { firstOf, mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import { actorOf, created, describeWith, flag, givenAll, signalId, word } from "./document-fields.ts";
import type { Place } from "./document-fields.ts";
import { readQuality } from "./document-quality.ts";
import { notText, turns } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { refuse } from "./reading.ts";

/**
 * Document 4's corrections: one makes four examples that stay together (the corrected exchange, the corrected answer preferred to the
 * original, the corrected rated good, the original rated bad) and one signal `correction`.
 *
 * A record without a time gives the examples but no signal, which cannot be without one.
 */
export const documentCorrection: Format = {
  name: "document-correction",
  title: "corrected answers, as document 4 collects them",
  kinds: ["chat", "preference", "rating"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "refuses",

  detect(sample) {
    if (!mostRows(sample, (row) => texts.every((column) => textOf(row[column]) !== undefined))) return undefined;
    return { reason: `the rows hold ${quoted(texts)}`, specificity: 85 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["quality"]);
    return row === undefined ? noObject : readCorrection(row);
  },
};

const texts = ["original_prompt", "original_response", "corrected_response"] as const;

function readCorrection(row: JsonObject): Reading {
  const missing = texts.find((column) => firstOf(row, [column]) === undefined);
  if (missing !== undefined) return refuse("incomplete", `there is no ${quoted([missing])}`);
  const [asked, original, corrected] = texts.map((column) => textOf(row[column]));
  if (asked === undefined) return notText("original_prompt");
  if (original === undefined) return notText("original_response");
  if (corrected === undefined) return notText("corrected_response");
  const quality = readQuality(row["quality"]);
  const { sourceId, ...said } = describeWith(row, places, quality === undefined ? texts : [...texts, "quality"], quality?.unread);
  const described = {
    ...said,
    ...quality?.told,
    sourceKind: "correction",
    wasCorrected: true,
    groupKey: sourceId ?? signalId(row),
  } as const;
  const examples = examplesOf({ asked, original, corrected }, described).map((example) =>
    sourceId === undefined ? example : { ...example, sourceId: `${sourceId}#${partOf(example)}` },
  );
  return givenAll(examples, signalsOf(row, corrected, described), sourceId !== undefined);
}

const correctionReason: Place = (described, value) => {
  const reason = textOf(value);
  if (reason === undefined) return false;
  described.correctionReason = reason;
  return true;
};

const places = {
  timestamp: created,
  correction_reason: correctionReason,
  corrector: word("corrector"),
  parent_id: word("parentId"),
  project_context: word("project"),
  include_in_training: flag("includeInTraining"),
} as const;

function examplesOf(
  { asked, original, corrected }: { readonly asked: string; readonly original: string; readonly corrected: string },
  described: Described,
): readonly NewExample[] {
  const prompt = [{ role: "user", content: asked }] as const;
  const right = [{ role: "assistant", content: corrected }] as const;
  const wrong = [{ role: "assistant", content: original }] as const;
  const reason = described.correctionReason;
  return [
    { kind: "chat", messages: turns(undefined, [[asked, corrected]]), ...described },
    { kind: "preference", prompt, chosen: right, rejected: wrong, ...(reason === undefined ? {} : { reason }), ...described },
    { kind: "rating", prompt, completion: right, label: true, ...described },
    { kind: "rating", prompt, completion: wrong, label: false, ...described },
  ];
}

/** One record that becomes several rows names each by its part. */
function partOf(example: NewExample): string {
  return example.kind === "rating" ? `rating-${example.label}` : example.kind;
}

function signalsOf(
  row: JsonObject,
  text: string,
  { createdAt, correctionReason: reason, corrector, parentId, groupKey }: Described,
): readonly Signal[] {
  if (createdAt === undefined) return [];
  const signal: Draft<Signal> = { id: signalId(row), kind: "correction", text, at: createdAt };
  if (parentId !== undefined) signal.target = { exampleId: parentId };
  if (reason !== undefined) signal.reason = reason;
  if (corrector !== undefined) signal.actor = actorOf(corrector);
  if (groupKey !== undefined) signal.payload = { groupKey };
  return [signal];
}
