import { existsSync, readFileSync } from "node:fs";

/** The memory of a module; `grow` takes pages of 64 KB and detaches every view on `buffer`. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/**
 * Starts a compiled kernel that imports nothing, with a memory of its own.
 *
 * @typeParam Exports - What the AssemblyScript beside the `.wasm` exports.
 * @param url - The `.wasm`, from `assetUrl`.
 * @returns Nothing where the file is missing, or where this platform has no WebAssembly or none with SIMD: the caller has a twin.
 */
export function startKernel<Exports>(url: URL): Exports | undefined {
  if (typeof WebAssembly === "undefined" || !existsSync(url)) return undefined;
  const bytes = readFileSync(url);
  if (!WebAssembly.validate(bytes)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  // oxlint-disable-next-line typescript/consistent-type-assertions -- `npm run check` holds the file and its source equal, byte for byte
  return exports as Exports;
}

/** The little that is needed of it; the types of the platform leave it to those of the browser. */
declare const WebAssembly:
  | undefined
  | {
      validate(bytes: Uint8Array): boolean;
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    };
