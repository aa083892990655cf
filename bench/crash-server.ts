// Ends a server at random moments, with SIGKILL and SIGTERM in turns, while others add, edit, capture, import, start jobs and send files
// in pieces; then starts it again and looks for everything that was acknowledged.
// usage: npm run bench crash-server -- [--rounds 50]
import { parseArgs } from "node:util";
import { openServerDrill } from "../test/journeys/server-drill.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "50" } } });
const rounds = Number(values.rounds);
const LONGEST_MS = 4_000;

const drill = await openServerDrill();
let broken = 0;
try {
  console.log("| round | ended by | after | acknowledged | after the restart |");
  console.log("| ---: | --- | ---: | --- | --- |");
  for (let round = 1; round <= rounds; round++) {
    const blow = round % 4 === 0 ? "SIGTERM" : "SIGKILL";
    const afterMs = Math.round(Math.random() * LONGEST_MS);
    const { acknowledged, problems } = await drill.round(blow, afterMs);
    const told = Object.entries(acknowledged).map(([what, count]) => `${count} ${what}`);
    if (problems.length > 0) broken++;
    console.log(
      `| ${round} | ${blow} | ${afterMs} ms | ${told.join(", ")} | ${problems.length === 0 ? "all there" : problems.join("; ").replaceAll(/\s+/g, " ")} |`,
    );
  }
} finally {
  await drill.close();
}
console.log(broken === 0 ? `\n${rounds} rounds, every promise kept` : `\n${broken} of ${rounds} rounds broke a promise`);
process.exitCode = broken === 0 ? 0 : 1;
