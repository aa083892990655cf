import type { Command } from "../command.ts";
import { checkout } from "./checkout.ts";
import { commit } from "./commit.ts";
import { dataset } from "./dataset.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { init } from "./init.ts";
import { list } from "./list-examples.ts";
import { show } from "./show.ts";
import { stats } from "./stats.ts";
import { verify } from "./verify.ts";
import { versions } from "./versions.ts";

/** Every command, in the order of the work. */
export const commands: readonly Command[] = [init, importCommand, stats, list, show, dataset, commit, versions, verify, checkout, exportCommand, doctor, demo];
