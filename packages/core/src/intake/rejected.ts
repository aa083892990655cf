import type { FileHandle } from "node:fs/promises";
import { mkdir, open } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Json } from "../schema/json.ts";
import type { Redactor } from "../privacy/redactor.ts";

/** A row of a file that is not let in, and why. */
export interface RejectedRow {
  readonly line: number;
  readonly reason: string;
  readonly message: string;
  readonly record?: Json;
  readonly raw?: string;
}

/** The list of rows that were refused; the file comes into being with its first row. */
export interface RejectedRows {
  add(row: RejectedRow): Promise<void>;
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
  let file: FileHandle | undefined;
  return {
    async add({ record, raw, ...what }) {
      if (file === undefined) {
        await mkdir(options.folder, { recursive: true });
        file = await open(path, "w", 0o600);
      }
      const shown = {
        ...what,
        ...(record === undefined ? {} : { record: options.redactor.json(record).value }),
        ...(raw === undefined ? {} : { raw: options.redactor.text(raw).text }),
      };
      await file.write(`${JSON.stringify(shown)}\n`);
    },
    async close() {
      await file?.close();
      return file === undefined ? undefined : path;
    },
  };
}
