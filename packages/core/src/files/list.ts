import type { FileKind } from "../schema/file-kind.ts";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { jsonl } from "./jsonl.ts";

/** Every file kind that is read and written. Of two that fit a text, the later reads more: `json` reads lines as well. */
export const fileKinds: readonly FileKind[] = [jsonl, json, csv];
