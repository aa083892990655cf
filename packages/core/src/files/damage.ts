import { detailText, TilthError } from "../errors.ts";

/** The error for bytes that end before they should, thrown after all that could be had. `problem` is a clause: `the compressed data ends early`. */
export function damaged(path: string, problem: string, cause?: unknown): TilthError<"input/damaged"> {
  return new TilthError("input/damaged", { path, problem }, { cause });
}

/** True where what was read before stays good. */
export function isDamaged(error: unknown): error is TilthError<"input/damaged"> {
  return error instanceof TilthError && error.code === "input/damaged";
}

/** Why bytes ended before they should, as a clause. */
export function damageOf(error: TilthError<"input/damaged">): string {
  return detailText(error, "problem");
}
