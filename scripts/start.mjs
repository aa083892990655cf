// The main job on the shipped sample, from import to export, with a report. `--once` is what it does as long as there is no server.
import { main } from "../packages/cli/src/main.ts";

process.exitCode = await main(["demo", ...process.argv.slice(2).filter((argument) => argument !== "--once")]);
