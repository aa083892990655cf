import type { JsonObject } from "@tilth/core";
import { errorCodes } from "@tilth/core";
import { statusOf } from "./problems.ts";

/** The description of the API for people: plain HTML, readable without a script. */
export function apiPage(api: JsonObject): string {
  const groups = new Map<string, string[]>();
  for (const [path, methods] of entriesOf(api["paths"])) {
    for (const [method, operation] of entriesOf(methods)) {
      const [tag = "other"] = listOf(objectOf(operation)["tags"]).map(String);
      groups.set(tag, [...(groups.get(tag) ?? []), operationPart(path, method, objectOf(operation), api)]);
    }
  }
  const names = [...groups.keys()].sort();
  const contents = names.map((name) => `<a href="#${escaped(name)}">${escaped(name)}</a>`).join(" ");
  const parts = names.map((name) => `<h2 id="${escaped(name)}">${escaped(name)}</h2>${(groups.get(name) ?? []).join("")}`).join("");
  return page(
    "Tilth API",
    `<p>Every operation of Tilth over HTTP. Requests bring a key as <code>Authorization: Bearer KEY</code>; refusals are
    <a href="/api/errors">problem documents</a>. For programs: <a href="/api/openapi.json">openapi.json</a>.</p><nav>${contents}</nav>${parts}`,
  );
}

/** Every error a request may end with. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { kind, message, wayOut }]) =>
      `<tr id="${escaped(code)}"><td><code>${escaped(code)}</code></td><td>${statusOf({ code, kind })}</td><td>${escaped(message)}</td><td>${escaped(wayOut)}</td></tr>`,
  );
  return page(
    "Errors of Tilth",
    `<p><a href="/api">API</a></p><table><thead><tr><th>code</th><th>status</th><th>what it says</th><th>the way out</th></tr></thead><tbody>${rows.join("")}</tbody></table>`,
  );
}

/** Served by itself, since pages may hold no style of their own. */
export const pageStyle = `:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.875em/1.5 ui-monospace, monospace; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; border-block: 1px solid var(--line); padding: 0.5rem 0; }
h2 { margin-top: 2.5rem; }
details { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
summary { cursor: pointer; }
summary .method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line); }
pre { background: var(--soft); padding: 0.75rem; overflow: auto; max-height: 30rem; }
tr:target { background: #fd08; }
`;

function operationPart(path: string, method: string, operation: JsonObject, api: JsonObject): string {
  const id = escaped(textOf(operation["operationId"]));
  const parameters = listOf(operation["parameters"]).map(objectOf);
  const body = objectOf(objectOf(objectOf(operation["requestBody"])["content"])["application/json"])["schema"];
  const answer = objectOf(objectOf(objectOf(objectOf(operation["responses"])["200"])["content"])["application/json"])["schema"];
  return `<details id="${id}"><summary><span class="method">${escaped(method.toUpperCase())}</span> <code>${escaped(path)}</code> ${escaped(textOf(operation["summary"]))}</summary>
<p><code>${id}</code> ${escaped(textOf(operation["description"]))}</p>${parametersPart(parameters)}${schemaPart("Body", body, api)}${schemaPart("Answer", answer, api)}</details>`;
}

function parametersPart(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) =>
      `<tr><td><code>${escaped(textOf(name))}</code></td><td>${escaped(textOf(place))}${required === true ? ", required" : ""}</td><td><code>${escaped(JSON.stringify(schema))}</code></td><td>${escaped(textOf(description))}</td></tr>`,
  );
  return `<table><thead><tr><th>name</th><th>in</th><th>form</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function schemaPart(title: string, schema: unknown, api: JsonObject): string {
  if (schema === undefined) return "";
  const name = textOf(objectOf(schema)["$ref"]).split("/").at(-1) ?? "";
  const found = objectOf(objectOf(api["components"])["schemas"])[name] ?? schema;
  return `<h4>${title}</h4><pre>${escaped(JSON.stringify(found, undefined, 2))}</pre>`;
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><link rel="stylesheet" href="/api/style.css"></head><body><h1>${title}</h1>${content}</body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> & JsonObject {
  const held: JsonObject = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  return held;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(objectOf(value));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
