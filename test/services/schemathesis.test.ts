import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparePython } from "../interop/python.ts";
import type { Ended, Journey } from "../journeys/tilth.ts";
import { startJourney } from "../journeys/tilth.ts";
import { chatRows } from "./rows.ts";
import type { ServedProcess } from "./served.ts";
import { serve } from "./served.ts";

const python = await preparePython(["schemathesis==4.32.5"]);
const absent = python.packages ? undefined : python.reason;
const because = absent === undefined ? "" : ` (missing: ${absent})`;

/**
 * What is not asked: `positive_data_acceptance`, since a filter, a cursor, a tag of a state and the name of a format follow rules that a schema
 * cannot say, and are refused with a sentence; `missing_required_header` asks for 406, where 400 says which header it is.
 */
const leftOut = "positive_data_acceptance,missing_required_header";
/** These answer for as long as somebody listens. */
const endless = "^(pool|job)\\.events$";

let journey: Journey;
let server: ServedProcess;
let key: { readonly id: string; readonly name: string; readonly prefix: string; readonly key: string };

beforeAll(async () => {
  if (absent !== undefined) return;
  journey = await startJourney();
  await journey.json(0, "init", "--pack", "assistant");
  await journey.json(0, "import", await chatRows(journey.folder, 12), "--dataset", "Garden");
  await journey.json(0, "commit", "garden");
  key = (await journey.json(0, "key", "create", "keeper", "--role", "admin")) as unknown as typeof key;
  server = await serve(journey.folder);
});
afterAll(async () => {
  await server?.end();
  await journey?.end();
});

// Where everything is checked nothing may be left out in silence.
test.skipIf(absent !== undefined && process.env["CI"] !== "true")(`a Python with Schemathesis is there${because}`, () => {
  expect(absent).toBeUndefined();
});

test.skipIf(absent !== undefined)(`every answer of the server is as its description says${because}`, async () => {
  const { code, out } = await schemathesis();
  expect(code === 0 ? "" : out).toBe("");
  expect((await fetch(`${server.origin}/ready`)).status).toBe(200);
});

test.skipIf(absent !== undefined)(`after all that the workspace is sound${because}`, async () => {
  expect(await server.end()).toBe(0);
  expect(await journey.json(0, "audit", "verify")).toMatchObject({ problems: [] });
  await journey.json(0, "doctor");
  await journey.json(0, "verify");
});

function schemathesis(): Promise<Ended> {
  const { path = "" } = python;
  const child = spawn(
    path,
    [
      "-m",
      "schemathesis.cli",
      "run",
      `${server.origin}/api/openapi.json`,
      `--header=Authorization: Bearer ${key.key}`,
      "--seed=7",
      "--max-examples=8",
      "--phases=examples,coverage,fuzzing,stateful",
      "--checks=all",
      `--exclude-checks=${leftOut}`,
      `--exclude-operation-id-regex=${endless}`,
      "--continue-on-failure",
      "--no-shrink",
      "--request-timeout=60",
      "--no-color",
    ],
    {
      cwd: journey.folder,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: join(import.meta.dirname, "hooks.py"),
        TILTH_KEPT_KEY: [key.id, key.name, key.prefix, key.key].join(","),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => said.push(piece));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out: Buffer.concat(said).toString(), err: "" }));
  });
}
