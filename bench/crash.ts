// Kills the program with SIGKILL at random moments while it imports, commits, exports and edits, and looks at what is left: everything
// acknowledged is there once, `verify` and `doctor` find nothing, and the same command once more leads where an undisturbed run leads.
// usage: npm run bench crash -- [--rounds 100] [--rows 5000] [--seed 1] [--only "first commit"]
import { parseArgs } from "node:util";
import { openDrill } from "../test/journeys/crash-drill.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    rows: { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});

const drill = await openDrill({ rows: Number(values.rows), seed: Number(values.seed), warmUp: true });
const failed = new Map<string, readonly string[]>();
try {
  const scenarios = drill.scenarios.filter((name) => values.only === undefined || name === values.only);
  const [first] = scenarios;
  if (first === undefined) throw new Error(`there is no work called ${values.only}; there are ${drill.scenarios.join(", ")}`);
  console.log(`| round | work | killed in | found on the disk | acknowledged | ended | after it, and once more |`);
  console.log(`| ---: | --- | --- | --- | ---: | --- | --- |`);
  for (let i = 0; i < Number(values.rounds); i++) {
    const { scenario, moment, found, acknowledged, ended, problems } = await drill.round(scenarios[i % scenarios.length] ?? first);
    console.log(
      `| ${i + 1} | ${scenario} | ${moment} | ${found} | ${acknowledged} | ${ended} | ${problems.length === 0 ? "sound, equal" : problems.join("; ").replaceAll(/\s+/g, " ")} |`,
    );
    if (problems.length > 0) failed.set(`${i + 1}: ${scenario}, ${moment}`, problems);
  }
} finally {
  await drill.close();
}
console.log(
  failed.size === 0 ? `\n${values.rounds} rounds, every promise kept` : `\n${failed.size} of ${values.rounds} rounds broke a promise`,
);
process.exitCode = failed.size === 0 ? 0 : 1;
