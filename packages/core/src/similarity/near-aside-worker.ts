// The thread of near-aside.ts.
import { parentPort, workerData } from "node:worker_threads";
import type { AsideData } from "./near-aside.ts";
import { findNearDuplicates } from "./near.ts";

const { sets, options }: AsideData = workerData;
parentPort?.postMessage(findNearDuplicates(sets, options));
