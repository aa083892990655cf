// The main job on the shipped sample, from import to export, with a report; then a server with its result. `--once` ends after the walk.
const given = process.argv.slice(2);
const once = given.includes("--once");
process.argv.splice(2, given.length, "demo", ...(once ? [] : ["--serve"]), ...given.filter((argument) => argument !== "--once"));
await import("../packages/cli/bin/tilth.js");
