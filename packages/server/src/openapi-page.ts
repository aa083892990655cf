import type { JsonObject } from "@tilth/core";
import { errorCodes } from "@tilth/core";
import { brand, escaped, htmlPage } from "./html.ts";
import { statusOf } from "./problems.ts";
import { schemaText } from "./schema-text.ts";

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
  const contents = names.map((name) => `<a href="#${escaped(name)}">${escaped(name)}</a>`).join("");
  const parts = names.map(
    (name) => `<section class="group"><h2 id="${escaped(name)}">${escaped(name)}</h2>${(groups.get(name) ?? []).join("")}</section>`,
  );
  return document(
    "API",
    `<p>Every operation of Tilth over HTTP. Requests bring a key as <code>Authorization: Bearer KEY</code>; refusals are
<a href="/api/errors">problem documents</a>. For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
<nav class="contents" aria-label="Groups">${contents}</nav>${parts.join("")}`,
  );
}

/** Every error a request may end with. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { kind, message, wayOut }]) =>
      `<tr id="${escaped(code)}"><td><code>${escaped(code)}</code></td><td data-name="Status">${statusOf({ code, kind })}</td><td>${escaped(message)}</td><td class="soft">${escaped(wayOut)}</td></tr>`,
  );
  return document(
    "Errors",
    `<p>What a problem document's <code>code</code> says, and what helps. <a href="/api">All operations</a></p>
<table class="stack"><thead><tr><th>Code</th><th>Status</th><th>What it says</th><th>The way out</th></tr></thead><tbody>${rows.join("")}</tbody></table>`,
  );
}

function document(title: string, content: string): string {
  const body = `<header class="top">${brand}<div class="who"><a href="/api">API</a><a href="/api/errors">Errors</a></div></header>
<main><h1>${title}</h1>${content}</main>`;
  return htmlPage({ title: `${title} · Tilth`, body });
}

function operationPart(path: string, method: string, operation: JsonObject, api: JsonObject): string {
  const id = escaped(textOf(operation["operationId"]));
  const parameters = listOf(operation["parameters"]).map(objectOf);
  const body = objectOf(objectOf(objectOf(operation["requestBody"])["content"])["application/json"])["schema"];
  const answer = objectOf(objectOf(objectOf(objectOf(operation["responses"])["200"])["content"])["application/json"])["schema"];
  return `<details id="${id}"><summary><span class="method ${escaped(method)}">${escaped(method.toUpperCase())}</span><code>${escaped(path)}</code><span>${escaped(textOf(operation["summary"]))}</span></summary>
<p><code>${id}</code> ${marked(textOf(operation["description"]))}</p>${parametersPart(parameters)}${schemaPart("Body", body, api)}${schemaPart("Answer", answer, api)}</details>`;
}

function parametersPart(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) =>
      `<tr><td><code>${escaped(textOf(name))}</code></td><td data-name="In">${escaped(textOf(place))}${required === true ? ", required" : ""}</td><td data-name="Form"><code>${escaped(schemaText(schema, {}))}</code></td><td>${marked(textOf(description))}</td></tr>`,
  );
  return `<table class="stack"><thead><tr><th>Name</th><th>In</th><th>Form</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function schemaPart(title: string, schema: unknown, api: JsonObject): string {
  if (schema === undefined) return "";
  return `<h3>${title}</h3><pre>${escaped(schemaText(schema, objectOf(objectOf(api["components"])["schemas"])))}</pre>`;
}

/** What stands between backticks is code. */
function marked(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
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
