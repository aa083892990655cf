// A pool of generated rows, as large as a bench wants it.
import { callOperation } from "../packages/core/src/operations/call.ts";
import type { Content } from "../packages/core/src/schema/content.ts";
import type { Example } from "../packages/core/src/schema/example.ts";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { exampleToRow } from "../packages/core/src/schema/row.ts";
import type { NewRow } from "../packages/core/src/storage/storage.ts";
import { toHex } from "../packages/core/src/text/hash.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";
import { createWorkspace, openWorkspace } from "../packages/core/src/workspace.ts";

/**
 * Makes a workspace whose pool holds `count` examples, all of them members of the dataset `all`: the same ones for the same count, but for their ids.
 *
 * @param options.isSearchable - Fills the search index too, which a pool otherwise does when it is first searched.
 */
export async function makeLargePool(folder: string, options: { readonly count: number; readonly isSearchable?: boolean }): Promise<void> {
  const { count, isSearchable = false } = options;
  const { root } = await createWorkspace(folder, { packs: ["assistant"] });
  const workspace = await openWorkspace(root, { toolVersion: "bench" });
  const storage = await workspace.storage();
  const host = { folder, workspace: async () => workspace };
  await callOperation("dataset.create", { name: "all" }, host, { actor: "user:bench" });
  const startMs = performance.now();
  const rows = generator();
  await storage.bulk(async () => {
    for (let first = 0; first < count; first += 10_000) {
      const batch = Array.from({ length: Math.min(10_000, count - first) }, (_, i) => rows(first + i));
      await storage.capture(batch, { actor: "user:bench", atMs: Date.now(), rulesVersion: "1", datasetId: "all" });
    }
  });
  if (isSearchable) await storage.feedSearch(Infinity);
  await workspace.close();
  console.error(`the pool took ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
}

/** Rows whose values are skewed as they are in life; the oldest five have values of their own. */
function generator(): (index: number) => NewRow {
  const random = seeded(7);
  const newId = createUlids(systemClock, systemRandom);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() ** 2.2 * from.length)] ?? from[0];
  const syllables = "ka to mi ra ne so lu vi".split(" ");
  const words = Array.from({ length: 8_000 }, (_, i) => syllables.slice(0, 1 + (i % 4)).join("") + i.toString(36));
  const text = (length: number): string => {
    let out = "";
    while (out.length < length) out += `${words[Math.floor(random() ** 2.2 * words.length)] ?? ""} `;
    return out;
  };
  return (index) => {
    const rare = index < 5;
    const prompt = text(30 + random() * 100);
    const answer = text(80 + random() * random() * 540);
    const chat: Content = {
      kind: "chat",
      messages: [
        { role: "user", content: prompt },
        { role: "assistant", content: answer },
      ],
    };
    const content: Content = rare
      ? { kind: "steps", prompt, steps: [{ text: answer, correct: true }] }
      : random() < 0.1
        ? { kind: "text", text: answer }
        : chat;
    const { contentHash, inputHash } = identityOf(content);
    const id = newId();
    const at = new Date(1_735_689_600_000 + index * 31_000).toISOString();
    const tags = rare ? ["heirloom"] : [pick(["code", "reasoning", "creative", "factual"]), `length-${Math.floor(random() * 5)}`];
    const example: Example = {
      ...content,
      id,
      rev: 1,
      source: rare ? "legacy" : pick(["production_query", "synthetic", "manual", "user_correction"]),
      sourceKind: pick(["conversation", "synthetic", "manual"]),
      ...(random() < 0.7 ? { sourceId: `conv_${Math.floor(random() * 400_000).toString(36)}` } : {}),
      groupKey: id,
      importId: "01JGFJJZ00KKE20RWE6YQ7QH7Z",
      domain: rare ? "astronomy" : pick(["code", "reasoning", "creative", "factual", "planning"]),
      ...(rare ? { type: "gm" } : random() < 0.5 ? { type: pick(["insight", "casual", "reply"]) } : {}),
      ...(rare ? { project: "orchard" } : random() < 0.3 ? { project: pick(["meadow", "pond", "barn"]) } : {}),
      tags,
      complexity: 1 + Math.floor(random() * 10),
      weight: 1,
      ...(rare ? { relevance: "high" } : {}),
      quality: rare
        ? { score: 0.999, tier: "gold", factors: {} }
        : { score: Math.round(random() * 950) / 1_000, tier: pick(["silver", "bronze", "unverified"]), factors: {} },
      reviewStatus: rare ? "rejected" : "pending",
      lifecycle: "active",
      includeInTraining: true,
      wasCorrected: false,
      validated: false,
      createdAt: at,
      createdBy: "user:ana",
      updatedAt: at,
      contentHash: toHex(contentHash),
      inputHash: toHex(inputHash),
      metadata: { model: pick(["m0", "m1"]), latency_ms: Math.floor(80 + random() * 900) },
    };
    const message = "as the bench has it";
    const findings = rare
      ? [{ rule: "encoding", severity: "error", message, at: "" } as const]
      : index % 5 === 0
        ? [{ rule: "truncated", severity: "warning", message, at: "/messages/1" } as const]
        : [];
    return { row: exampleToRow(example), tags, findings, scores: [], sourceIdIsIdentity: false };
  };
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
