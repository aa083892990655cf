import type { Command } from "../command.ts";
import { add } from "./add.ts";
import { audit } from "./audit.ts";
import { backup } from "./backup.ts";
import { capture } from "./capture.ts";
import { check } from "./check.ts";
import { checkout } from "./checkout.ts";
import { commit } from "./commit.ts";
import { completion } from "./completion.ts";
import { dataset } from "./dataset.ts";
import { dedupe } from "./dedupe.ts";
import { deleteCommand } from "./delete.ts";
import { demo } from "./demo.ts";
import { diff } from "./diff.ts";
import { doctor } from "./doctor.ts";
import { edit } from "./edit.ts";
import { exportCommand } from "./export.ts";
import { history } from "./history.ts";
import { importCommand } from "./import.ts";
import { init } from "./init.ts";
import { jobs } from "./jobs.ts";
import { key } from "./key.ts";
import { list } from "./list-examples.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { restore } from "./restore.ts";
import { search } from "./search.ts";
import { serve } from "./serve.ts";
import { show } from "./show.ts";
import { similar } from "./similar.ts";
import { stats } from "./stats.ts";
import { tag } from "./tag.ts";
import { trash } from "./trash.ts";
import { undo } from "./undo.ts";
import { user } from "./user.ts";
import { verify } from "./verify.ts";
import { versions } from "./versions.ts";

/** Every command, in the order of the work. */
export const commands: readonly Command[] = [
  init,
  importCommand,
  add,
  capture,
  stats,
  list,
  search,
  show,
  edit,
  history,
  undo,
  tag,
  trash,
  restore,
  check,
  similar,
  dedupe,
  dataset,
  deleteCommand,
  commit,
  versions,
  diff,
  verify,
  checkout,
  exportCommand,
  jobs,
  key,
  user,
  login,
  logout,
  audit,
  serve,
  doctor,
  backup,
  demo,
  completion,
];
