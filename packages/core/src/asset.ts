import { extname } from "node:path";

/**
 * Where a file lies that is shipped beside a module: tables, YAML, WebAssembly. The build copies it to the same place in `dist/`.
 *
 * @param moduleUrl - `import.meta.url` of the module that asks.
 * @param path - Relative to that module, with its extension.
 * @example
 * assetUrl(import.meta.url, "./assistant.yaml");
 */
export function assetUrl(moduleUrl: string, path: string): URL {
  return new URL(path, moduleUrl);
}

/**
 * Where a module lies that is started as a worker: `.ts` beside a source, `.js` beside what was built from it.
 *
 * The compiler rewrites the extensions of imports but not of `new URL(...)`.
 *
 * @param moduleUrl - `import.meta.url` of the module that asks.
 * @param path - Relative to that module, without an extension.
 * @example
 * new Worker(workerUrl(import.meta.url, "./writer"));
 */
export function workerUrl(moduleUrl: string, path: string): URL {
  return new URL(`${path}${extname(new URL(moduleUrl).pathname)}`, moduleUrl);
}
