// Writes the client's table of routes from the operations, so that the client itself loads none of them. With `--check` it only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { describeInput } from "../packages/core/src/operations/describe.ts";
import { operations } from "../packages/core/src/operations/list.ts";

const target = new URL("../packages/core/src/client/routes.ts", import.meta.url);
const made = routesFile();
const isSame = readOrNothing(target) === made;
if (!isSame && process.argv.includes("--check")) {
  console.error("packages/core/src/client/routes.ts is behind the operations. Run `npm run client` and commit what it writes.");
  process.exitCode = 1;
} else if (!isSame) writeFileSync(target, made);
console.log(`${isSame ? "as it was" : process.exitCode === 1 ? "DIFFERS" : "written"}  ${operations.length} routes`);

function routesFile() {
  const lines = operations.map((operation) => `  ${JSON.stringify(operation.name)}: ${literal(routeOf(operation))},`);
  return `// Generated from the operations by \`npm run client\`.
import type { OperationName } from "../operations/call.ts";
import type { Route } from "./route.ts";

/** How each operation is asked for. */
// oxfmt-ignore
export const routes = {
${lines.join("\n")}
} as const satisfies { readonly [Name in OperationName]: Route };
`;
}

/**
 * @param {(typeof operations)[number]} operation
 * @returns {import("../packages/core/src/client/route.ts").Route}
 */
function routeOf(operation) {
  const { name, http, body, answer, readOnly, idempotent, runs, isSecret, changesWith } = operation;
  if (answer !== "json") throw new Error(`${name} answers with ${answer}: the client has to learn how that is read.`);
  const { properties = {} } = describeInput(operation);
  const known = Object.keys(properties ?? {});
  const places = [...http.path.matchAll(/:(\w+)/g)].map(([, place = ""]) => place);
  const foreign = places.filter((place) => !known.includes(place));
  if (foreign.length > 1 || (foreign.length === 1 && !known.includes("version")))
    throw new Error(`${name}: ${foreign.join(", ")} of ${http.path} are no members of its input.`);
  const [datasetOfVersion] = foreign;
  const withheld = Object.entries(http.places ?? {}).flatMap(([member, place]) => (place === "backup" ? [] : [member]));
  return {
    method: http.method,
    path: http.path,
    ...(changesWith === undefined ? {} : { changesWith: changesWith.members }),
    body,
    ...(datasetOfVersion === undefined ? {} : { datasetOfVersion }),
    ...(withheld.length === 0 ? {} : { withheld }),
    ...(runs === "job" ? { runs } : {}),
    readOnly,
    idempotent,
    ...(isSecret === true ? { isSecret } : {}),
  };
}

/**
 * As the formatter would write it.
 *
 * @param {object} route
 */
function literal(route) {
  const members = Object.entries(route).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `{ ${members.join(", ")} }`;
}

/** @param {URL} url */
function readOrNothing(url) {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return "";
  }
}
