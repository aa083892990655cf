import { TilthError } from "../errors.ts";
import type { ByteSource, FileKind } from "../schema/file-kind.ts";
import { unpackedSource } from "./compression.ts";
import { decodeHead } from "./encoding.ts";
import { fileKinds } from "./list.ts";
import { nameWithin } from "./packing.ts";

/** A file kind and why it was chosen. */
export interface DetectedFileKind {
  readonly kind: FileKind;
  /** A clause: `its only line is a JSON object`. */
  readonly reason: string;
  /** What to read from: the source itself, or one that unpacks it. */
  readonly source: ByteSource;
}

/**
 * Finds the layout of a source from its content; the name only decides where several layouts fit, or text shows none.
 *
 * The source that comes back can be read from its start, also a pipe.
 *
 * @throws {@link TilthError} `input/empty` where there is nothing but white space, `input/unknown-layout` where no layout fits; as
 * `unpackedSource` does.
 */
export async function detectFileKind(given: ByteSource, options: { readonly encoding?: string } = {}): Promise<DetectedFileKind> {
  const source = await unpackedSource(given);
  const bytes = await source.head(headBytes);
  const marked = fileKinds.find(({ mark }) => mark !== undefined && Buffer.from(mark).equals(bytes.subarray(0, mark.length)));
  if (marked !== undefined) return { kind: marked, reason: `it begins with ${marked.mark}`, source };
  const binary = signatures.find((signature) => signature.bytes.every((byte, index) => bytes[index] === byte));
  if (binary !== undefined) throw unknownLayout(source, `it is ${binary.name}`);
  const head = decodeHead(bytes, options.encoding);
  if (!isText(head)) throw unknownLayout(source, "it is not text");
  if (head.trim() === "" && bytes.length < headBytes) throw new TilthError("input/empty", { path: source.name });
  const fits = fileKinds.flatMap((kind) => {
    const reason = kind.detect(head);
    return reason === undefined ? [] : [{ kind, reason, source }];
  });
  const named = fileKinds.find((kind) => nameWithin(source).toLowerCase().endsWith(`.${kind.extension}`));
  const chosen = fits.find((fit) => fit.kind === named) ?? fits.at(-1);
  if (chosen !== undefined) return chosen;
  if (named !== undefined) return { kind: named, reason: "its content shows no layout, its name does", source };
  throw unknownLayout(source, "its first lines are neither JSON nor a table");
}

const headBytes = 64 * 1024;

/** What people name by mistake; each would else be read as strange text. */
const signatures: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: "a PDF document", bytes: [0x25, 0x50, 0x44, 0x46] },
];

/** Text holds hardly any control characters besides white space; a stray one is for the rules to find. */
function isText(head: string): boolean {
  const controls = head.match(/[\x00-\x08\x0e-\x1f]/g) ?? [];
  return controls.length <= head.length / 100;
}

function unknownLayout(source: ByteSource, reason: string): TilthError<"input/unknown-layout"> {
  const layouts = fileKinds.map((kind) => kind.name).join(", ");
  return new TilthError("input/unknown-layout", { path: source.name, layouts, reason });
}
