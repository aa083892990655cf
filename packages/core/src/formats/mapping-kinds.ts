import { TilthError } from "../errors.ts";
import type { Kind } from "../schema/content.ts";
import { kinds } from "../schema/content.ts";
import { nearest } from "../text/nearest.ts";
import { quoted } from "./columns.ts";
import { contentFields } from "./mapping-fields.ts";
import type { MapEntry } from "./mapping-parse.ts";

/**
 * The kind that a map makes: the one it names as a constant, else the one its fields make up.
 *
 * @throws {@link TilthError} `map/no-kind` where fields are missing, do not go together or make up no kind.
 */
export function kindOfMap(entries: readonly MapEntry[]): Kind {
  const mapped = [...new Set(entries.filter(({ field }) => Object.hasOwn(contentFields, field)).map(({ field }) => field))];
  if (mapped.length === 0)
    throw noKind("no field of its content is mapped", `Map what it says, as in text=COLUMN, or input=COLUMN and output=COLUMN.`);
  const named = entries.find(({ field }) => field === "kind");
  if (named !== undefined) return checked(constantKind(named), mapped, entries);
  const fitting = kinds.find((kind) => problemOf(kind, mapped, entries) === undefined && isMarked(kind, mapped));
  return fitting ?? checked(nearestKind(mapped), mapped, entries);
}

interface Makeup {
  /** One of each list must be mapped. */
  readonly needs: readonly (readonly string[])[];
  readonly allows: readonly string[];
  /** Where the kind is not named: one of these tells it from others. */
  readonly marks?: readonly string[];
}

const labels = ["intent", "sentiment", "persona", "categories", "entities"];
const asked = ["prompt", "input"];

const makeups: { readonly [K in Kind]: Makeup } = {
  chat: {
    needs: [
      ["messages", ...asked],
      ["messages", "completion", "output", "reference"],
    ],
    allows: ["system", "context", "tools"],
  },
  preference: { needs: [asked, ["chosen", "output"], ["rejected"]], allows: ["system", "reason", "margin", "tools"] },
  rating: { needs: [asked, ["completion", "output"], ["label"]], allows: ["system", "tools"] },
  text: { needs: [["text"]], allows: [] },
  classification: { needs: [["text"]], allows: labels, marks: labels },
  extraction: { needs: [["document.content"], ["items"]], allows: ["document.url", "document.title"] },
  steps: { needs: [["prompt"], ["steps"]], allows: [] },
};

function constantKind({ value: { source, filters } }: MapEntry): Kind {
  const kind = source.kind === "constant" && filters.length === 0 ? source.text : undefined;
  const found = kinds.find((name) => name === kind);
  if (found !== undefined) return found;
  if (kind === undefined)
    throw noKind("`kind` is the same for all rows and must be a constant", "Write it in single quotes, as in kind='text'.");
  const meant = nearest(kind, kinds);
  throw noKind(`there is no kind ${kind}`, meant === undefined ? `Kinds are ${kinds.join(", ")}.` : `The nearest is ${meant}.`);
}

function checked(kind: Kind, mapped: readonly string[], entries: readonly MapEntry[]): Kind {
  const problem = problemOf(kind, mapped, entries);
  if (problem !== undefined) throw noKind(problem, "Map the fields of one kind; name it with kind='NAME' where several are near.");
  return kind;
}

function isMarked(kind: Kind, mapped: readonly string[]): boolean {
  const { marks } = makeups[kind];
  return marks === undefined || marks.some((field) => mapped.includes(field));
}

/** Pairs that say the same thing twice. */
const rivals = [
  ["messages", "input"],
  ["messages", "prompt"],
  ["messages", "output"],
  ["messages", "completion"],
  ["prompt", "input"],
  ["completion", "output"],
  ["chosen", "output"],
  ["reference", "output"],
  ["reference", "completion"],
] as const;

function problemOf(kind: Kind, mapped: readonly string[], entries: readonly MapEntry[]): string | undefined {
  const { needs, allows } = makeups[kind];
  const misfits = mapped.filter((field) => !allows.includes(field) && !needs.some((list) => list.includes(field)));
  if (misfits.length > 0) return `an example of kind ${kind} has no ${quoted(misfits)}`;
  const missing = needs.find((list) => !list.some((field) => mapped.includes(field)));
  if (missing !== undefined) return `an example of kind ${kind} needs ${missing.map((field) => `\`${field}\``).join(" or ")}`;
  const rival = rivals.find((pair) => pair.every((field) => mapped.includes(field)));
  if (rival !== undefined) return `${quoted(rival)} say the same thing twice`;
  const messages = entries.filter(({ field }) => field === "messages");
  const spoken = messages.some(({ role }) => role === undefined || role === "assistant");
  return messages.length === 0 || spoken || mapped.includes("reference") ? undefined : "nobody answers: it needs `messages[assistant]`";
}

/** The kind whose fields most of the mapped ones are; it makes the best message. */
function nearestKind(mapped: readonly string[]): Kind {
  const shared = (kind: Kind): number => {
    const { needs, allows } = makeups[kind];
    const met = needs.filter((list) => list.some((field) => mapped.includes(field))).length;
    return met / needs.length + mapped.filter((field) => allows.includes(field) || needs.some((list) => list.includes(field))).length;
  };
  return kinds.reduce((best, kind) => (shared(kind) > shared(best) ? kind : best));
}

function noKind(problem: string, hint: string): TilthError<"map/no-kind"> {
  return new TilthError("map/no-kind", { problem, hint });
}
