import type { OperationOutput } from "@tilth/core";
import type { Caller } from "./caller.ts";
import { brand, escaped, htmlPage } from "./html.ts";

/** What the first page shows. */
export interface HomeFacts {
  readonly caller: Caller;
  /** Of the workspace's folder. */
  readonly name: string;
  readonly health: OperationOutput<"workspace.health">;
  readonly datasets: OperationOutput<"dataset.list">["datasets"];
  /** Absent for callers that reach some datasets only. */
  readonly stats?: OperationOutput<"pool.stats">;
  /** The newest. */
  readonly jobs: OperationOutput<"job.list">["jobs"];
  readonly nowMs: number;
}

/** The workspace at a glance, and the ways on from here. */
export function homePage(facts: HomeFacts): string {
  const { name, health, stats, datasets } = facts;
  const body = [
    topPart(facts),
    `<main><h1>${escaped(name)}</h1>`,
    `<p class="facts"><span class="state ${health.status}">${health.status}</span>`,
    `<span>pool ${bytes(health.bytes.pool + health.bytes.wal)}, ${bytes(health.bytes.poolFree)} free</span></p>`,
    troublePart(health),
    figuresPart(facts),
    datasetsPart(datasets, stats),
    stats === undefined || stats.examples === 0 ? "" : `<div class="columns">${qualityPart(stats)}${contentPart(stats)}</div>`,
    jobsPart(facts),
    `</main>${footPart(health.version)}`,
  ];
  return htmlPage({ title: `${name} · Tilth`, body: body.join(""), scripts: ["/home.js"] });
}

/** Signs out; everything else on the page is links. */
export const homeScript = `const button = document.getElementById("sign-out");
button?.addEventListener("click", async () => {
  button.disabled = true;
  const answer = await fetch("/api/session", { method: "DELETE" });
  if (answer.ok || answer.status === 401) location.replace("/sign-in");
  else button.disabled = false;
});
`;

function topPart({ caller: { actor, via, scopes } }: HomeFacts): string {
  const rights = [...scopes].map((scope) => scope.replace("training_data:", "")).join(", ");
  const who = `<strong>${escaped(actor.replace(/^\w+:/, ""))}</strong> <span title="rights: ${escaped(rights)}">${ways[via]}</span>`;
  const out = via === "session" ? `<button class="quiet" id="sign-out" type="button">Sign out</button>` : "";
  return `<header class="top">${brand}<div class="who"><span>${who}</span>${out}</div></header>`;
}

const ways: Readonly<Record<Caller["via"], string>> = {
  session: "is signed in",
  key: "by key",
  loopback: "at this machine, no sign-in needed until there is a key",
};

function troublePart({ degraded }: HomeFacts["health"]): string {
  if (degraded.length === 0) return "";
  const rows = degraded.map(
    ({ part, reason, wayOut }) =>
      `<p><strong>${escaped(part)}</strong>: ${escaped(reason)}<br><span class="soft">${escaped(wayOut)}</span></p>`,
  );
  return `<section class="card"><h2>What does not work, while the rest does</h2>${rows.join("")}</section>`;
}

function figuresPart({ stats, datasets }: HomeFacts): string {
  const members = datasets.reduce((sum, dataset) => sum + dataset.members, 0);
  const figures: readonly (readonly [string, string])[] =
    stats === undefined
      ? [
          ["Examples in your datasets", thousands(members)],
          ["Datasets", thousands(datasets.length)],
        ]
      : [
          ["Examples", thousands(stats.examples)],
          ["Datasets", thousands(stats.datasets.length)],
          ["Versions", thousands(stats.datasets.reduce((sum, dataset) => sum + dataset.versions, 0))],
          ["Imports", thousands(stats.imports)],
        ];
  return `<dl class="figures">${figures.map(([title, value]) => `<div><dt>${title}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

function datasetsPart(datasets: HomeFacts["datasets"], stats: HomeFacts["stats"]): string {
  if (datasets.length === 0)
    return `<section class="card"><h2>Datasets</h2><p class="empty">None yet. This makes the first one:</p>
<pre>tilth import conversations.jsonl --dataset support</pre></section>`;
  const versions = new Map(stats?.datasets.map((dataset) => [dataset.id, dataset.versions]));
  const most = Math.max(1, ...datasets.map(({ members }) => members));
  const rows = datasets.map(({ id, name, description, members, latest }) => {
    const path = `/api/training-data/datasets/${encodeURIComponent(id)}`;
    const about = description === "" ? "" : `<br><small>${escaped(description)}</small>`;
    const count = versions.get(id);
    return `<tr><td class="name"><strong>${escaped(name)}</strong>${about}</td><td class="number" data-name="Examples">${thousands(members)}</td>
<td class="wide">${bar([["", members]], most)}</td>${count === undefined ? "" : `<td class="number" data-name="Versions">${thousands(count)}</td>`}
<td class="number" data-name="Newest">${latest === undefined ? "–" : escaped(latest)}</td>
<td class="number" data-name="As JSON"><a href="${path}/data">examples</a></td></tr>`;
  });
  return `<section class="card"><h2>Datasets</h2><table class="stack"><thead><tr><th>Name</th><th class="number">Examples</th><th></th>
${stats === undefined ? "" : `<th class="number">Versions</th>`}<th class="number">Newest</th><th class="number">As JSON</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function qualityPart({ facets }: NonNullable<HomeFacts["stats"]>): string {
  const tiers = ["gold", "silver", "bronze", "unverified"].map((tier) => [tier, facets["quality_tier"]?.[tier] ?? 0] as const);
  const findings = Object.entries(findingWords).map(([severity, word]) => `${thousands(facets["severity"]?.[severity] ?? 0)} ${word}`);
  return `<section class="card"><h2>Quality</h2>${bar(tiers)}${legend(tiers)}
<p class="soft">Findings: ${findings.join(", ")}</p></section>`;
}

const findingWords = { error: "errors", warning: "warnings", info: "hints" } as const;

/** So many lines say what a pool is about; the rest is counted. */
const MOST_KINDS = 6;

function contentPart({ facets, examples }: NonNullable<HomeFacts["stats"]>): string {
  const kinds = Object.entries(facets["kind"] ?? {});
  const rows = kinds
    .slice(0, MOST_KINDS)
    .map(
      ([kind, count]) =>
        `<tr><td>${escaped(kind)}</td><td class="wide">${bar([["", count]], examples)}</td><td class="number">${thousands(count)}</td></tr>`,
    );
  return `<section class="card"><h2>Kinds</h2><table><tbody>${rows.join("")}</tbody></table></section>`;
}

function jobsPart({ jobs, nowMs }: HomeFacts): string {
  const rows = jobs.map(
    ({ id, operation, status, actor, progress, error, createdAt }) =>
      `<tr><td data-name="State"><span class="state ${status}">${status}</span></td><td data-name="Work"><a href="/api/training-data/jobs/${encodeURIComponent(id)}">${escaped(operation)}</a></td>
<td data-name="Asked by">${escaped(actor)}</td><td data-name="When"><time datetime="${createdAt}">${agoOf(nowMs - Date.parse(createdAt))}</time></td>
<td class="name">${error === undefined ? farOf(status, progress) : `<a href="/api/errors#${escaped(error.code)}">${escaped(error.code)}</a>`}</td></tr>`,
  );
  const table = `<table class="stack"><thead><tr><th>State</th><th>Work</th><th>Asked by</th><th>When</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return `<section class="card"><h2>Jobs</h2>${rows.length === 0 ? `<p class="empty">No work in the background yet.</p>` : table}</section>`;
}

function farOf(status: string, progress: HomeFacts["jobs"][number]["progress"]): string {
  if (status !== "running" || progress === undefined) return "";
  const { step, done, total, unit } = progress;
  return escaped(`${step}: ${thousands(done)}${total === undefined ? "" : ` of ${thousands(total)}`} ${unit}`);
}

const steps = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
] as const;

function agoOf(elapsedMs: number): string {
  const step = steps.find(([length]) => elapsedMs >= length);
  return step === undefined ? "just now" : `${Math.floor(elapsedMs / step[0])} ${step[1]} ago`;
}

type Shares = readonly (readonly [className: string, count: number])[];

/** Drawn as an image would be: pages may hold no style of their own, and so no width in percent. */
function bar(shares: Shares, whole = shares.reduce((sum, [, count]) => sum + count, 0)): string {
  let at = 0;
  const parts = shares.map(([className, count]) => {
    const width = (100 * count) / Math.max(1, whole);
    const part = `<rect class="${className}" x="${at.toFixed(2)}" width="${width.toFixed(2)}" height="1"/>`;
    at += width;
    return part;
  });
  return `<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${parts.join("")}</svg>`;
}

function legend(shares: Shares): string {
  return `<ul class="legend">${shares.map(([name, count]) => `<li class="${name}">${name} ${thousands(count)}</li>`).join("")}</ul>`;
}

function footPart(version: string): string {
  return `<footer class="foot"><a href="/api">API</a><a href="/api/errors">Errors</a><a href="/api/openapi.json">openapi.json</a>
<a href="/health">Health</a><a href="/metrics">Metrics</a><span>Tilth ${escaped(version)}</span></footer>`;
}

function thousands(count: number): string {
  return count.toLocaleString("en-US");
}

const units = ["kB", "MB", "GB", "TB"] as const;

function bytes(count: number): string {
  let [value, unit] = [count / 1000, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}
