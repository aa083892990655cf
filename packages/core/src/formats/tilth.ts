import { contentMembers, kinds } from "../schema/content.ts";
import { isTextTable } from "../schema/file-kind.ts";
import { commonFields, exampleToJson, newExampleSchema } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { mostRows, quoted } from "./columns.ts";
import type { Format } from "./format.ts";
import { given, refuse } from "./reading.ts";

/** The whole example, every kind: the one format that loses nothing. */
export const tilth: Format = {
  name: "tilth",
  title: "Tilth's own rows: the whole example",
  kinds,
  lossless: true,
  readers: ["tilth"],
  file: "jsonl",
  weight: "carries",

  detect(sample) {
    // Cells of a table are strings; our rows have lists and objects.
    if (isTextTable(sample.fileKind) || !mostRows(sample, isWhole)) return undefined;
    return {
      reason: `the rows hold ${quoted(["kind"])} with all members of that kind, and nothing that is not an example's`,
      specificity: 100,
    };
  },

  /** Reads a whole example or a new one. What Tilth computes is computed again; `id` is kept. */
  read(row) {
    if (!isJsonObject(row)) return refuse("shape", "the row is no object");
    if (kindOf(row) === undefined) return refuse("kind", `\`kind\` is none of ${kinds.join(", ")}`);
    const told = newExampleSchema.safeParse(Object.fromEntries(Object.entries(row).filter(([key]) => !computed.has(key))));
    if (told.success) return given(told.data);
    const [issue] = told.error.issues;
    return refuse("shape", `${issue?.path.join(".") || "the row"}: ${issue?.message ?? "does not fit"}`);
  },

  write(example) {
    return { rows: [exampleToJson(example)] };
  },
};

/** Members that follow from content, edits and decisions: they are made anew when a row enters. */
const computed: ReadonlySet<string> = new Set("rev importId quality reviewStatus lifecycle updatedAt contentHash inputHash".split(" "));

const common: ReadonlySet<string> = new Set(["id", "kind", ...commonFields]);
const optional: ReadonlySet<string> = new Set(["tools", "context", "parallelToolCalls", "reference", "reason", "margin"]);

function isWhole(row: JsonObject): boolean {
  const kind = kindOf(row);
  if (kind === undefined) return false;
  const members = contentMembers[kind];
  return (
    members.every((member) => member in row || optional.has(member)) &&
    Object.keys(row).every((key) => common.has(key) || members.includes(key))
  );
}

function kindOf(row: JsonObject): (typeof kinds)[number] | undefined {
  const kind: Json | undefined = row["kind"];
  return kinds.find((name) => name === kind);
}
