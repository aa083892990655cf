import { toHex } from "../text/hash.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { AuditEntry } from "./audit-chain.ts";
import { chainStart, hashEntry } from "./audit-chain.ts";
import type { Tools } from "./sqlite-tools.ts";

/**
 * Appends entries to this writer's chain.
 *
 * Its first entry takes up the ends of all chains that no other has taken up, and through them every chain there is: a list of all
 * segments in each would grow with their square where every command line is a writer of its own.
 */
export function addAudit({ prepare, chain }: Tools, entries: readonly AuditEntry[]): undefined {
  if (entries.length === 0) return;
  const insert = prepare("INSERT INTO audit (at, actor, action, object, detail, segment, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const { atMs: at, actor, action, object, detail } of entries) {
    const end = chain.end();
    const joined = end === undefined ? { ...detail, segments: takeUpHeads({ prepare }) } : detail;
    const { segment } = chain;
    const texts = { actor: storable(actor), action: storable(action), object: storable(object), detail: canonicalJson(joined) };
    const hash = hashEntry(end ?? chainStart, { at, ...texts, segment });
    insert.run(at, texts.actor, texts.action, texts.object, texts.detail, segment, end ?? chainStart, hash);
    chain.extend(hash);
  }
  prepare("INSERT INTO audit_head (segment, hash) VALUES (?, ?) ON CONFLICT (segment) DO UPDATE SET hash = excluded.hash").run(
    chain.segment,
    chain.end() ?? chainStart,
  );
}

/** The text as it is read again: what SQLite would alter would look like a forgery. JSON escapes both by itself. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** A chain that goes on after it was taken up gets a head again with its next entry. */
function takeUpHeads({ prepare }: Pick<Tools, "prepare">): Readonly<Record<string, string>> {
  const heads = prepare("SELECT segment, hash FROM audit_head").all();
  prepare("DELETE FROM audit_head").run();
  return Object.fromEntries(heads.map(({ segment, hash }) => [String(segment), hash instanceof Uint8Array ? toHex(hash) : ""]));
}
