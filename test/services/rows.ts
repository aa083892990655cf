import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes so many chats as JSON Lines and gives the path. */
export async function chatRows(folder: string, count: number): Promise<string> {
  const path = join(folder, "chats.jsonl");
  const rows = Array.from({ length: count }, (_, n) => ({
    kind: "chat",
    messages: [
      { role: "user", content: `How deep should I sow bean number ${n}?` },
      { role: "assistant", content: `Put bean number ${n} four to five centimetres deep, in soil that has warmed.` },
    ],
  }));
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}
