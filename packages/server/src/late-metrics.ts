import type { Metrics, MetricsOptions } from "./metrics.ts";

const SOON_MS = 1_000;

/** Figures whose program, 80 files large, is loaded a moment after the first answer; what is told before is kept until then. */
export function createLateMetrics(options: MetricsOptions): Metrics {
  let early: ((metrics: Metrics) => void)[] = [];
  let loaded: Metrics | undefined;
  let loading: Promise<Metrics> | undefined;

  const load = async (): Promise<Metrics> => {
    const { createMetrics } = await import("./metrics.ts");
    const metrics = createMetrics(options);
    for (const tell of early) tell(metrics);
    early = [];
    loaded = metrics;
    return metrics;
  };
  const ready = (): Promise<Metrics> => (loading ??= load());
  const tell = (what: (metrics: Metrics) => void): void => {
    if (loaded !== undefined) return what(loaded);
    early.push(what);
    if (early.length === 1) setTimeout(() => void ready(), SOON_MS).unref();
  };

  return {
    observe: (done) => tell((metrics) => metrics.observe(done)),
    answered: (request) => tell((metrics) => metrics.answered(request)),
    setJobs: (jobs) => tell((metrics) => metrics.setJobs(jobs)),
    jobEnded: (job) => tell((metrics) => metrics.jobEnded(job)),
    read: async () => (await ready()).read(),
  };
}
