import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { finished } from "node:stream/promises";
import type { Json } from "../schema/json.ts";
import type { Redactor } from "../privacy/redactor.ts";

/** The list of rows that were refused; the file comes into being with its first row. */
export interface RejectedRows {
  add(refused: { readonly line: number; readonly reason: string; readonly message: string; readonly record?: Json; readonly raw?: string }): Promise<void>;
  /** Closes the file. Resolves with its path, or `undefined` when nothing was refused. */
  close(): Promise<string | undefined>;
}

/**
 * Lists refused rows in `<folder>/<file>.rejected.jsonl`, redacted like everything else that is stored.
 *
 * One JSON object a line: `line`, `reason`, `message`, and the `record` (or its `raw` text where it could not be parsed).
 */
export function openRejectedRows(options: { readonly folder: string; readonly file: string; readonly redactor: Redactor }): RejectedRows {
  const path = join(options.folder, `${basename(options.file) || "input"}.rejected.jsonl`);
  let stream: WriteStream | undefined;
  return {
    async add({ record, raw, ...what }) {
      if (stream === undefined) {
        await mkdir(options.folder, { recursive: true });
        stream = createWriteStream(path, { mode: 0o600 });
      }
      const shown = {
        ...what,
        ...(record === undefined ? {} : { record: options.redactor.json(record).value }),
        ...(raw === undefined ? {} : { raw: options.redactor.text(raw).text }),
      };
      if (!stream.write(`${JSON.stringify(shown)}\n`)) await drained(stream);
    },
    async close() {
      if (stream === undefined) return undefined;
      stream.end();
      await finished(stream);
      return path;
    },
  };
}

async function drained(stream: WriteStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once("drain", resolve);
    stream.once("error", reject);
  });
}
