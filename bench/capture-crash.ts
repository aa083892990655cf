// Kills a process that captures, with SIGKILL at random moments, while another one takes the pool away from time to time so that events go
// through the spool; then opens the workspace and looks for everything that was acknowledged.
// usage: npm run bench capture-crash -- [--rounds 50]
import { parseArgs } from "node:util";
import { openCaptureDrill } from "../test/journeys/capture-drill.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "50" } } });
const rounds = Number(values.rounds);
const LONGEST_MS = 2_000;

const drill = await openCaptureDrill();
let broken = 0;
let spooled = 0;
let all = 0;
try {
  for (let round = 1; round <= rounds; round++) {
    const afterMs = Math.round(Math.random() * LONGEST_MS);
    const { acknowledged, segments, problems } = await drill.round(afterMs);
    console.log(
      `round ${round}, after ${afterMs} ms: ${acknowledged - all} acknowledged, ${segments} segments left, ${problems.join("; ") || "all there"}`,
    );
    if (problems.length > 0) broken++;
    if (segments > 0) spooled++;
    all = acknowledged;
  }
} finally {
  await drill.close();
}
const outcome = broken === 0 ? "every promise kept" : `${broken} broke a promise`;
console.log(`\n${rounds} rounds, ${all.toLocaleString("en-US")} acknowledged, the spool held something in ${spooled}: ${outcome}`);
process.exitCode = broken === 0 ? 0 : 1;
