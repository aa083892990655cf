import { readFileSync } from "node:fs";
import { assetUrl } from "../../asset.ts";
import { TilthError } from "../../errors.ts";
import { type VectorFunctions, twinFunctions } from "./vectors.ts";

/** What is used of the platform's WebAssembly: its types come with those of browsers, which are not loaded. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** A memory of WebAssembly has 32-bit addresses; its last page is left alone. */
const MOST_BYTES = 2 ** 32 - 2 ** 16;
const PAGE_BYTES = 2 ** 16;

/** The vector functions over a memory of a fixed size, which is freed with them. */
export interface VectorKernels extends VectorFunctions {
  readonly engine: "wasm" | "typescript";
  readonly buffer: ArrayBuffer;
}

/**
 * Makes the vector functions and their memory: WebAssembly with SIMD, or the TypeScript twin where that is missing.
 *
 * @param options.bytes - Size of the memory, filled with zeros. What is kept for a vector bounds how many there can be: about 15 million
 *   of 256 dimensions.
 * @param options.wasm - `false` asks for the twin.
 * @throws {@link TilthError} `embed/too-many-vectors` above 4 GiB.
 */
export function loadVectorKernels(options: { readonly bytes: number; readonly wasm?: boolean | undefined }): VectorKernels {
  const { bytes, wasm = true } = options;
  if (bytes > MOST_BYTES) throw new TilthError("embed/too-many-vectors", { bytes, limit: MOST_BYTES });
  return (wasm ? instantiate(bytes) : undefined) ?? twin(bytes);
}

function twin(bytes: number): VectorKernels {
  const buffer = new ArrayBuffer(Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES);
  return { engine: "typescript", buffer, ...twinFunctions(buffer) };
}

interface Memory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => number;
}

/** Absent where the module cannot be had: an old engine without SIMD, or a build without the file. */
function instantiate(bytes: number): VectorKernels | undefined {
  const module = compiled();
  if (module === undefined) return undefined;
  const { exports } = new WebAssembly.Instance(module);
  // oxlint-disable-next-line typescript/consistent-type-assertions -- vectors.as.ts exports exactly these; the test compares them with the twin.
  const { memory, ...functions } = exports as VectorFunctions & { readonly memory: Memory };
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0) memory.grow(missing);
  // Growing detaches the old buffer: it is asked for last.
  return { engine: "wasm", buffer: memory.buffer, ...functions };
}

let module: object | undefined;
let tried = false;

function compiled(): object | undefined {
  if (tried) return module;
  tried = true;
  try {
    module = new WebAssembly.Module(readFileSync(assetUrl(import.meta.url, "./vectors.wasm")));
  } catch {
    // `engine` tells which one serves: a slower answer, not another one.
    module = undefined;
  }
  return module;
}
