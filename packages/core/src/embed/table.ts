import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import { firstProblem } from "../schema/strict.ts";
import { sha256Hex } from "../text/hash.ts";

/** A vector for each word piece: `rows[piece * dimensions + d] * scale[piece]`. */
export interface PieceTable {
  readonly id: string;
  /** The first digits of the file's SHA-256: vectors of two builds must never meet. */
  readonly version: string;
  readonly dimensions: number;
  readonly backgroundCosine: number;
  readonly rows: Int8Array;
  readonly scale: Float32Array;
  /** In the order of the rows; a piece that continues a word begins with `##`. */
  readonly pieces: readonly string[];
}

/**
 * Reads a table that `scripts/embedding-table.py` wrote.
 *
 * @throws {@link TilthError} `embed/table-unreadable` with the reason where the file is absent, cut off or something else.
 */
export async function readPieceTable(file: URL): Promise<PieceTable> {
  const path = fileURLToPath(file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TilthError("embed/table-unreadable", { path, reason: cause instanceof Error ? cause.message : String(cause) }, { cause });
  });
  return parsePieceTable(bytes, path);
}

const MAGIC = 0x32565354;
const LAYOUT_VERSION = 2;
const FRONT_BYTES = 16;
const VERSION_DIGITS = 12;

const place = <Kind extends string>(kind: Kind) => z.tuple([z.int().min(0), z.int().min(1), z.literal(kind)]);

const headSchema = z.object({
  id: z.string().min(1),
  dim: z.int().min(1).max(4096),
  backgroundCosine: z.number().min(-1).max(1),
  layout: z.object({ rows: place("Int8Array"), scale: place("Float32Array"), vocab: place("Uint8Array") }),
});

/**
 * Reads the bytes of a table.
 *
 * @param path - Named in errors.
 * @throws {@link TilthError} `embed/table-unreadable`
 */
export function parsePieceTable(bytes: Uint8Array, path: string): PieceTable {
  const unreadable = (reason: string): TilthError => new TilthError("embed/table-unreadable", { path, reason });
  if (bytes.length < FRONT_BYTES) throw unreadable(`it has only ${bytes.length} bytes`);
  const front = new DataView(bytes.buffer, bytes.byteOffset, FRONT_BYTES);
  if (front.getUint32(4, true) !== MAGIC) throw unreadable("it is no table of word pieces");
  if (front.getUint32(8, true) !== LAYOUT_VERSION) throw unreadable(`its layout is version ${front.getUint32(8, true)}`);
  const headEnd = FRONT_BYTES + front.getUint32(0, true);
  const { success, data: head, error } = headSchema.safeParse(parseJson(bytes.subarray(FRONT_BYTES, headEnd)));
  if (!success) {
    const { path: at, message } = firstProblem(error);
    throw unreadable(`its head is not valid: ${[...at.map(String), message].join(" ")}`);
  }

  const { rows, scale, vocab } = head.layout;
  const bodyBytes = Math.max(rows[0] + rows[1], scale[0] + 4 * scale[1], vocab[0] + vocab[1]);
  if (bytes.length < headEnd + bodyBytes) throw unreadable(`${headEnd + bodyBytes} bytes were written and ${bytes.length} are there`);
  if (scale[0] % 4 !== 0) throw unreadable("its parts do not lie where numbers can be read");
  // A copy of its own, so that the parts begin where their numbers must, wherever the bytes lay.
  const body = new Uint8Array(bytes.subarray(headEnd, headEnd + bodyBytes)).buffer;
  const pieces = new TextDecoder().decode(new Uint8Array(body, vocab[0], vocab[1])).split("\n");
  if (pieces.length !== scale[1] || rows[1] !== scale[1] * head.dim) throw unreadable("its parts do not fit each other");
  return {
    id: head.id,
    version: sha256Hex(bytes).slice(0, VERSION_DIGITS),
    dimensions: head.dim,
    backgroundCosine: head.backgroundCosine,
    rows: new Int8Array(body, rows[0], rows[1]),
    scale: new Float32Array(body, scale[0], scale[1]),
    pieces,
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return value;
  } catch {
    return undefined; // The schema refuses it and says what it expected.
  }
}
