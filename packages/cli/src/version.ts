import { readFileSync } from "node:fs";

/** The version of the program, from its own package. */
export const version: string = packageVersion(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")));

function packageVersion(description: unknown): string {
  if (description !== null && typeof description === "object" && "version" in description && typeof description.version === "string")
    return description.version;
  return "0.0.0";
}
