// Writes docs/errors.md from the table in errors.ts. The house test holds both equal.
import { writeFileSync } from "node:fs";
import { errorCodes } from "../packages/core/src/errors.ts";

/** HTTP status and exit code of each kind of error. */
const kinds = {
  input: { http: "400, 422", exit: 2, meaning: "the call is not right: 422 where the body breaks the schema" },
  "not-found": { http: "404", exit: 2, meaning: "what was named is not there" },
  unsupported: { http: "415, 501", exit: 2, meaning: "Tilth cannot do this, or not with this" },
  forbidden: { http: "401, 403", exit: 2, meaning: "who asks may not do this" },
  conflict: { http: "409, 412", exit: 4, meaning: "the state is another one: 412 for If-Match" },
  storage: { http: "500, 503, 507", exit: 5, meaning: "disk or database: 503 where trying again helps, 507 full" },
  data: { http: "422", exit: 3, meaning: "the content was refused" },
  limit: { http: "413, 429, 503", exit: 3, meaning: "a size, rate or time limit" },
};

/** The page of all errors, as `docs/errors.md` holds it. */
export function errorsPage() {
  const codes = Object.entries(errorCodes).sort(([a], [b]) => (a < b ? -1 : 1));
  return `# Errors

Generated from \`packages/core/src/errors.ts\` by \`npm run docs\`.

A call that cannot be honoured ends in a \`TilthError\` with a \`code\`. Its \`kind\` decides the HTTP status and the exit code; the part before
the slash is its category. Words in braces are filled in from \`details\`.

| kind | HTTP | exit | meaning |
| --- | --- | --- | --- |
${Object.entries(kinds)
  .map(([kind, { http, exit, meaning }]) => row([kind, http, exit, meaning]))
  .join("\n")}

| code | kind | HTTP | exit | message | way out |
| --- | --- | --- | --- | --- | --- |
${codes.map(([code, { kind, message, wayOut }]) => row([`\`${code}\``, kind, kinds[kind].http, kinds[kind].exit, message, wayOut])).join("\n")}
`;
}

/** @param {readonly (string | number)[]} cells */
function row(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.main) writeFileSync(new URL("../docs/errors.md", import.meta.url), errorsPage());
