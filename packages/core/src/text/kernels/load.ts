import { assetUrl } from "../../asset.ts";
import type { ByteKernels } from "./byte-kernels.ts";
import { typescriptByteKernels } from "./bytes.ts";
import { type ByteExports, wasmByteKernels } from "./bytes-wasm.ts";
import { startKernel } from "./instance.ts";

export type { ByteKernels, RowTable, RowTableOptions, SketchPlan } from "./byte-kernels.ts";

/**
 * Makes the byte kernels, with a memory of their own: one for each thread.
 *
 * @param options.wasm - `false` asks for the TypeScript twin. It also serves, and `engine` says so, where WebAssembly with SIMD is missing:
 *   slower, with the same bits.
 */
export function loadByteKernels({ wasm = true }: { readonly wasm?: boolean } = {}): ByteKernels {
  const exports = wasm ? startKernel<ByteExports>(assetUrl(import.meta.url, "./bytes.wasm")) : undefined;
  return exports === undefined ? typescriptByteKernels() : wasmByteKernels(exports);
}
