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
  /** How long the file is. */
  sizeBytes(): number;
  /** Closes the file. Resolves with its path, or `undefined` when nothing was refused. */
  close(): Promise<string | undefined>;
}

export interface RejectedOptions {
  readonly folder: string;
  /** The file that is read. */
  readonly file: string;
  readonly redactor: Redactor;
  /** Goes on behind so many bytes of a list that is there. @defaultValue 0 */
  readonly keptBytes?: number;
}

/**
 * Lists refused rows in `<folder>/<file>.rejected.jsonl`, redacted like everything else that is stored.
 *
 * One JSON object a line: `line`, `reason`, `message`, and the `record` (or its `raw` text where it could not be parsed).
 */
export function openRejectedRows(options: RejectedOptions): RejectedRows {
  const { keptBytes = 0 } = options;
  const path = rejectedPath(options);
  let file: FileHandle | undefined;
  let sizeBytes = keptBytes;
  return {
    async add({ record, raw, ...what }) {
      if (file === undefined) {
        await mkdir(options.folder, { recursive: true });
        file = await open(path, keptBytes === 0 ? "w" : "r+", 0o600);
        await file.truncate(keptBytes);
      }
      const shown = {
        ...what,
        ...(record === undefined ? {} : { record: options.redactor.json(record).value }),
        ...(raw === undefined ? {} : { raw: options.redactor.text(raw).text }),
      };
      const { bytesWritten } = await file.write(`${JSON.stringify(shown)}\n`, sizeBytes);
      sizeBytes += bytesWritten;
    },
    sizeBytes: () => sizeBytes,
    async close() {
      await file?.close();
      return sizeBytes === 0 ? undefined : path;
    },
  };
}

/** Where the refused rows of a file are listed. */
export function rejectedPath({ folder, file }: Pick<RejectedOptions, "folder" | "file">): string {
  return join(folder, `${basename(file) || "input"}.rejected.jsonl`);
}
