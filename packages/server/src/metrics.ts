import type { Workspace } from "@tilth/core";
import { callOperation } from "@tilth/core";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Load } from "./load.ts";
import type { AnyOperation } from "./request-input.ts";

/** An operation that was carried out. */
export interface Done {
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly seconds: number;
}

/** Figures of this server for Prometheus. */
export interface Metrics {
  /** Counts an operation that was carried out. */
  observe(done: Done): void;
  /** Counts an answered request. */
  answered(request: { readonly method: string; readonly route: string; readonly status: number; readonly seconds: number }): void;
  /** How many jobs wait, and how many run here. */
  setJobs(jobs: { readonly waiting: number; readonly running: number }): void;
  /** Counts a job that ended here, with the time its last attempt took. */
  jobEnded(job: { readonly operation: string; readonly status: string; readonly seconds: number }): void;
  /** Everything in Prometheus' text format. */
  read(): Promise<{ readonly text: string; readonly type: string }>;
}

export interface MetricsOptions {
  readonly workspace: Workspace;
  readonly load: Load;
  /** Entries of the audit that could not be kept. */
  readonly auditLost?: () => number;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Document 2's metrics under its names and of its types, and what watching a server needs beside them. */
export function createMetrics({ workspace, load, auditLost }: MetricsOptions): Metrics {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly Label[] = [],
  ): Histogram<Label> => new Histogram({ name, help, buckets: [...buckets], labelNames, registers });

  const datasets = counter("training_datasets_total", "Datasets made.");
  const size = histogram("training_dataset_size", "Examples of a dataset when a version of it was made or it was validated.", sizes, [
    "dataset_id",
  ]);
  const quality = histogram("training_dataset_quality", "Quality of a dataset when it was validated, 0 to 1.", shares, ["dataset_id"]);
  const durations: Readonly<Record<string, Histogram>> = {
    "dataset.validate": histogram("validation_duration_seconds", "Time of a validation.", seconds),
    "dataset.enhance": histogram("enhancement_duration_seconds", "Time of an enhancement.", seconds),
    "dataset.export": histogram("format_conversion_duration_seconds", "Time of an export into another format.", seconds),
  };
  const validationErrors = counter("validation_errors_total", "Errors that validations found.", ["error_type"]);
  const enhancementFailures = counter("enhancement_failures_total", "Enhancements that failed.");

  const requests = histogram("tilth_request_duration_seconds", "Time of a request, by route and status.", seconds, [
    "method",
    "route",
    "status",
  ]);
  const captured = counter("tilth_captured_events_total", "Captured events, by what became of them.", ["outcome"]);
  const queueDepth = gauge("tilth_queue_depth", "Jobs that wait.");
  const jobsRunning = gauge("tilth_jobs_running", "Jobs that run here.");
  const jobs = histogram("tilth_job_duration_seconds", "Time of a job, by operation and how it ended.", jobSeconds, [
    "operation",
    "status",
  ]);
  const figures = figureGauges(gauge);
  const cpu = counter("process_cpu_seconds_total", "CPU time of this process.");
  const lost = counter("tilth_audit_lost_total", "Entries of the audit that could not be kept.");
  const isByDataset = workspace.config.metrics?.datasetLabels !== false;
  const labelOf = (dataset: unknown): { dataset_id: string } => ({ dataset_id: isByDataset ? String(dataset) : "all" });
  const seen = { datasets: 0, cpu: 0, lost: 0 };
  const seenEvents = { accepted: 0, duplicate: 0, rejected: 0, spooled: 0, lost: 0 };
  const host = { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) };
  const context = { actor: "server" };

  return {
    observe({ operation: { name }, output, error, seconds: took }) {
      if (error === undefined) durations[name]?.observe(took);
      else if (name === "dataset.enhance") enhancementFailures.inc();
      const { dataset, rows, version, dataset_id, total_examples, quality_score, statistics } = membersOf(output);
      const made = rows === undefined ? membersOf(version) : { rows };
      if (typeof made["rows"] === "number" && makesVersions.has(name)) size.observe(labelOf(dataset), made["rows"]);
      if (typeof total_examples === "number") size.observe(labelOf(dataset_id), total_examples);
      if (typeof quality_score === "number") quality.observe(labelOf(dataset_id), quality_score);
      for (const [rule, count] of Object.entries(membersOf(membersOf(statistics)["errors"])))
        validationErrors.inc({ error_type: rule }, Number(count));
    },
    answered: ({ method, route, status, seconds: took }) => requests.observe({ method, route, status: String(status) }, took),
    setJobs({ waiting, running }) {
      queueDepth.set(waiting);
      jobsRunning.set(running);
    },
    jobEnded: ({ operation, status, seconds: took }) => jobs.observe({ operation, status }, took),
    async read() {
      // Where the pool cannot be read, the other figures are all the more wanted.
      const health = await callOperation("workspace.health", {}, host, context).catch(() => undefined);
      const stats = await callOperation("pool.stats", {}, host, context).catch(() => undefined);
      growTo(datasets, seen, "datasets", stats?.datasets.length ?? seen.datasets);
      growTo(lost, seen, "lost", auditLost?.() ?? 0);
      const { user, system } = process.cpuUsage();
      growTo(cpu, seen, "cpu", (user + system) / 1e6);
      const capture = (await workspace.openedCapture())?.figures();
      for (const outcome of outcomesOfEvents) {
        const now = Math.max(seenEvents[outcome], capture?.[outcome] ?? 0);
        captured.inc({ outcome }, now - seenEvents[outcome]);
        seenEvents[outcome] = now;
      }
      const memory = process.memoryUsage();
      figures.set({
        tilth_requests_in_flight: load.inFlight(),
        tilth_event_loop_delay_p99_seconds: load.delayMs() / 1000,
        tilth_healthy: health?.status === "healthy" ? 1 : 0,
        tilth_pool_examples: health?.examples ?? 0,
        tilth_pool_bytes: health?.bytes.pool ?? 0,
        tilth_pool_wal_bytes: health?.bytes.wal ?? 0,
        tilth_pool_free_bytes: health?.bytes.poolFree ?? 0,
        tilth_store_free_bytes: health?.bytes.storeFree ?? 0,
        tilth_search_pending_changes: health?.search.pending ?? 0,
        tilth_capture_lag_seconds: (capture?.lagMs ?? 0) / 1000,
        tilth_capture_waiting_events: capture?.waiting ?? 0,
        tilth_capture_waiting_bytes: capture?.waitingBytes ?? 0,
        process_resident_memory_bytes: memory.rss,
        nodejs_heap_size_used_bytes: memory.heapUsed,
      });
      return { text: await registry.metrics(), type: registry.contentType };
    },
  };
}

const outcomesOfEvents = ["accepted", "duplicate", "rejected", "spooled", "lost"] as const;
const jobSeconds = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 14_400];
const sizes = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const makesVersions: ReadonlySet<string> = new Set(["version.create", "dataset.upload", "dataset.import"]);

/** Figures as they are at the moment somebody asks. */
const helps = {
  tilth_requests_in_flight: "Requests that are being answered.",
  tilth_event_loop_delay_p99_seconds: "How long work waits for the event loop, the worst hundredth of the last seconds.",
  tilth_healthy: "1 where everything works, 0 where something is degraded.",
  tilth_pool_examples: "Examples in the pool.",
  tilth_pool_bytes: "Size of the pool.",
  tilth_pool_wal_bytes: "Size of the pool's write-ahead log.",
  tilth_pool_free_bytes: "Free on the disk of the pool.",
  tilth_store_free_bytes: "Free on the disk of the versions.",
  tilth_search_pending_changes: "Changes that the search index has not seen.",
  tilth_capture_lag_seconds: "How long the oldest captured event has waited for the pool.",
  tilth_capture_waiting_events: "Captured events that lie in the spool and wait for the pool.",
  tilth_capture_waiting_bytes: "Their size in the spool.",
  process_resident_memory_bytes: "Memory of this process.",
  nodejs_heap_size_used_bytes: "Of it, JavaScript's heap in use.",
} as const;

function figureGauges(gauge: (name: string, help: string) => Gauge): { set(values: Readonly<Record<keyof typeof helps, number>>): void } {
  const gauges = new Map(Object.entries(helps).map(([name, help]) => [name, gauge(name, help)]));
  return {
    set(values) {
      for (const [name, value] of Object.entries(values)) gauges.get(name)?.set(value);
    },
  };
}

/** A counter never falls, whatever it counts is counted anew elsewhere. */
function growTo<Name extends string>(counter: Counter, seen: Record<Name, number>, name: Name, value: number): void {
  if (value > seen[name]) counter.inc(value - seen[name]);
  seen[name] = Math.max(seen[name], value);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
