import type { Progress } from "@tilth/core";
import { bytes, duration, thousands } from "./text.ts";

/** One line on standard error that shows how far a long operation has come. */
export interface ProgressLine {
  show(progress: Progress): void;
  clear(): void;
}

const FIRST_AFTER_MS = 400;
const EVERY_MS = 100;
const BAR_WIDTH = 24;

/**
 * Draws progress with rate and remaining time, once an operation has taken longer than a blink.
 *
 * Nothing is drawn where standard error is no screen: logs stay readable.
 */
export function createProgressLine(stream: NodeJS.WriteStream, quiet: boolean): ProgressLine {
  let shown = false;
  let step = "";
  let startedMs = 0;
  let drawnMs = 0;
  return {
    show(progress) {
      if (quiet || !stream.isTTY) return;
      const nowMs = Date.now();
      if (progress.step !== step) {
        step = progress.step;
        startedMs = nowMs;
        drawnMs = 0;
      }
      if (nowMs - startedMs < FIRST_AFTER_MS || nowMs - drawnMs < EVERY_MS) return;
      drawnMs = nowMs;
      shown = true;
      stream.write(`\r\x1b[2K${progressText(progress, nowMs - startedMs).slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    },
    clear() {
      if (!shown) return;
      stream.write("\r\x1b[2K");
      shown = false;
    },
  };
}

/** The line itself: step, bar, share, rate, what is left. */
export function progressText(progress: Progress, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? (progress.done / elapsedMs) * 1_000 : 0;
  const rate = progress.unit === "bytes" ? `${bytes(perSecond)}/s` : `${thousands(Math.round(perSecond))} ${progress.unit}/s`;
  const detail = progress.detail === undefined ? "" : `  ${progress.detail}`;
  if (progress.total === undefined || progress.total === 0) return `${progress.step}${detail}  ${rate}`;
  const share = Math.min(1, progress.done / progress.total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
  const left = perSecond > 0 ? `, ${duration(((progress.total - progress.done) / perSecond) * 1_000)} left` : "";
  return `${progress.step} ${bar} ${Math.floor(share * 100)} %${detail}  ${rate}${left}`;
}
