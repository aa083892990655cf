import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../..");
const dataFolder = resolve(repository, process.env["TILTH_DATA"] ?? "../shared/data");

/** The path of one public data set, or undefined where the folder `TILTH_DATA` does not hold it. */
export function dataSet(name: string): string | undefined {
  const folder = join(dataFolder, name);
  return existsSync(folder) ? folder : undefined;
}
