import type { Content, Message } from "../schema/content.ts";
import { beforeAnswer } from "../schema/identity.ts";
import { contentFromColumns } from "../schema/row-content.ts";
import { comparisonText } from "../similarity/comparison-text.ts";
import { jaccard } from "../similarity/kernels/jaccard.ts";
import { findNearDuplicates } from "../similarity/near.ts";
import type { Snapshot } from "../storage/storage.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { ByteKernels } from "../text/kernels/load.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import type { Decided } from "./dedupe-decide.ts";
import type { ReadExamples } from "./dedupe-read.ts";
import { groupShift } from "./dedupe-sets.ts";

/**
 * Looks again at examples that were dropped for one with the same input: they stay unless their answers are alike as well.
 *
 * A long question outweighs a short answer, so "yes" and "no" below it are nearly the same text; which of them is right is not for a
 * comparison to say. They are compared by their answers alone, among all that answer the same.
 */
export async function keepOtherAnswers(
  snapshot: Snapshot,
  { read, decided }: { readonly read: ReadExamples; readonly decided: Decided },
  { kernels, threshold }: { readonly kernels: ByteKernels; readonly threshold: number },
): Promise<Decided> {
  const contested = contestedRows(read, decided);
  if (contested.size === 0) return decided;
  const looked = new Set([...contested].flatMap((row) => [row, decided.witness[row] ?? row]));
  const members = decided.order.filter((row) => looked.has(row));
  const shingleWords = read.shingles?.words ?? 3;
  const answers = await readAnswers(snapshot, { read, members }, { kernels, shingleWords });
  const alike = findNearDuplicates(answers, { threshold, order: Int32Array.from(members.keys()), shingleWords });
  const witness = decided.witness.slice();
  const similarity = decided.similarity.slice();
  for (const [member, row] of members.entries()) {
    if (!contested.has(row)) continue;
    const by = members[alike.witness[member] ?? -1];
    const reached = by === undefined || read.inputs[by] !== read.inputs[row] ? -1 : similarityOf({ read, decided }, row, by, threshold);
    witness[row] = by === undefined || reached < 0 ? -1 : by;
    similarity[row] = Math.max(0, reached);
  }
  return { ...decided, witness, similarity };
}

function contestedRows(read: ReadExamples, { witness }: Decided): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const [row, by] of witness.entries()) if (by >= 0 && read.inputs[by] === read.inputs[row]) rows.add(row);
  return rows;
}

/** Of the whole texts; -1 below the threshold. */
function similarityOf(
  { read, decided }: { readonly read: ReadExamples; readonly decided: Decided },
  row: number,
  by: number,
  threshold: number,
): number {
  if (decided.witness[row] === by) return decided.similarity[row] ?? 1;
  const [text, other] = [read.texts[row] ?? -1, read.texts[by] ?? -1];
  if (text === other) return 1;
  return read.shingles === undefined ? -1 : jaccard(read.shingles.sets, text, other, threshold);
}

/** The shingles of what examples answer; answers to different inputs share none. */
async function readAnswers(
  { queries }: Snapshot,
  { read, members }: { readonly read: ReadExamples; readonly members: Int32Array },
  { kernels, shingleWords }: { readonly kernels: ByteKernels; readonly shingleWords: number },
): Promise<ShingleSets> {
  const sets: Int32Array[] = [];
  for (let start = 0; start < members.length; start += BATCH_ROWS) {
    const rows = members.subarray(start, start + BATCH_ROWS);
    const ids = Array.from(rows, (row) => read.ids[row] ?? "");
    const found = await queries
      .selectFrom("example")
      .select(["id", ...contentColumns])
      .where("id", "in", ids)
      .execute();
    const answers = new Map(found.map((columns) => [columns.id, answerParts(contentFromColumns(columns))]));
    for (const [i, row] of rows.entries())
      sets.push(answerSet(kernels, answers.get(ids[i] ?? "") ?? [], String(read.inputs[row]), shingleWords));
  }
  const offsets = new Float64Array(sets.length + 1);
  for (const [i, set] of sets.entries()) offsets[i + 1] = (offsets[i] ?? 0) + set.length;
  const values = new Int32Array(offsets.at(-1) ?? 0);
  for (const [i, set] of sets.entries()) values.set(set, offsets[i] ?? 0);
  return { values, offsets };
}

/** What stands in one part is not the same in another: a preference turned round is its opposite. */
function answerSet(kernels: ByteKernels, parts: readonly string[], input: string, shingleWords: number): Int32Array {
  const { values, offsets } = kernels.shingleSets(parts, shingleWords);
  // Two that answer nothing answer the same.
  const shingles = new Set<number>(values.length === 0 ? [groupShift(`${input} nothing`) | 0] : []);
  for (const part of parts.keys()) {
    const shift = groupShift(`${input} ${part}`);
    for (const value of values.subarray(offsets[part] ?? 0, offsets[part + 1] ?? 0)) shingles.add((value + shift) | 0);
  }
  return Int32Array.from(shingles).sort();
}

/** What an example says about its input, part by part. */
function answerParts(content: Content): readonly string[] {
  switch (content.kind) {
    case "chat": {
      const { messages, reference } = content;
      const gold = reference === undefined ? "" : canonicalJson(reference);
      return [said(messages.slice(beforeAnswer(messages).length)), gold];
    }
    case "preference":
      return [said(content.chosen), said(content.rejected)];
    case "rating":
      return [said(content.completion)];
    case "text":
      return [];
    case "classification":
      return [content.entities.map(({ label, surface }) => `${label} ${surface}`).join("\n")];
    case "extraction":
      return [content.items.map(({ category, text }) => `${category} ${text}`).join("\n")];
    case "steps":
      return [true, false].map((isRight) =>
        content.steps
          .filter(({ correct }) => correct === isRight)
          .map(({ text }) => text)
          .join("\n"),
      );
  }
}

function said(messages: readonly Message[]): string {
  return comparisonText({ kind: "chat", messages });
}

const BATCH_ROWS = 500;

const contentColumns = [
  ...(["kind", "input_text", "output_text", "system_prompt", "context", "rejected_output", "preference_reason"] as const),
  ...(["body", "label", "intent", "sentiment", "persona", "categories", "entities"] as const),
] as const;
