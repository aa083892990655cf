import type { FileKind } from "../schema/file-kind.ts";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { jsonl } from "./jsonl.ts";
import { parquet } from "./parquet.ts";
import { tsv } from "./tsv.ts";

/** Every file kind that is read and written. Of two that fit a text, the later is taken: `json` reads lines as well, `tsv` asks for more. */
export const fileKinds: readonly FileKind[] = [jsonl, json, csv, tsv, parquet];
