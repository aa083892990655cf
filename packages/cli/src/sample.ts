import { fileURLToPath } from "node:url";

/** Where the shipped sample lies: beside the sources and beside what is built from them. */
export const sampleFolder: string = fileURLToPath(new URL("../sample/", import.meta.url));
