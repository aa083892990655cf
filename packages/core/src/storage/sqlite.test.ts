import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { describeStorage } from "./contract.ts";
import { openSqlite } from "./sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-pool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let places = 0;
const newPlace = (): string => join(folder, `pool-${++places}.db`);

describeStorage("SQLite", { newPlace, open: (path) => openSqlite(path) });
