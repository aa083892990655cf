import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { csv } from "../../packages/core/src/files/csv.ts";
import { bytesSource, readEverything } from "../../packages/core/src/files/test-sources.ts";
import { dataSet } from "./data-folder.ts";

const folder = dataSet("csv_spectrum");
const names = folder === undefined ? [] : readdirSync(join(folder, "csvs")).map((name) => basename(name, ".csv"));

describe.skipIf(folder === undefined)("csv-spectrum (skipped where TILTH_DATA lacks csv_spectrum)", () => {
  test("has twelve tables", () => {
    expect(names).toHaveLength(12);
  });

  test.each(names)("%s is read as its gold says", async (name) => {
    const { values, problems } = await readEverything(csv, bytesSource(await table(name)));
    expect(problems).toEqual([]);
    expect(values).toEqual(await gold(name));
  });
});

/** The tables named after CRLF lost it on their way through a version control that turns line ends: it is put back. */
async function table(name: string): Promise<string> {
  const text = await readFile(join(folder ?? "", "csvs", `${name}.csv`), "utf8");
  return name.endsWith("_crlf") ? text.replaceAll(/\r?\n/g, "\r\n") : text;
}

async function gold(name: string): Promise<readonly unknown[]> {
  const value: unknown = JSON.parse(await readFile(join(folder ?? "", "json", `${name}.json`), "utf8"));
  // This gold is one object instead of a list, and its number is not the one of its own table.
  if (name === "location_coordinates") return [{ ...(value as object), "Contact Phone Number": "2095257564" }];
  return value as readonly unknown[];
}
