import type { z } from "zod";
import type { ByteSource } from "../schema/file-kind.ts";
import type { Progress } from "../schema/progress.ts";
import type { Scope } from "../schema/scope.ts";
import type { Workspace } from "../workspace.ts";

/** What an operation knows beside its input: who asks, how to stop, whom to tell. */
export interface OperationContext {
  /** `user:ana`, `key:ci`, `cli:ana` … as audit and provenance show it. */
  readonly actor: string;
  /** Ids and names of the only datasets the caller reaches; absent = all. */
  readonly datasets?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** Told what a person should know before the operation goes on, in one sentence. */
  readonly remark?: (message: string) => void;
  /** The streamed body, where the operation takes one. */
  readonly body?: ByteSource;
  /** The background job that this is an attempt of: its id names what it makes, so that a second attempt goes on from the first. */
  readonly job?: JobAttempt;
  /** Resolves when the operation may go on: a long one asks between batches, so that others go first. */
  readonly turn?: () => Promise<void>;
}

/** One attempt of a background job. */
export interface JobAttempt {
  readonly id: string;
  /** 1 = the first. */
  readonly attempt: number;
  readonly createdAtMs: number;
}

/**
 * Members of the input that name files or folders of the machine where the operation runs: nobody names these from another machine.
 *
 * Without a `withheld` one the operation chooses by itself; an `own` one is a folder that a server chooses for each set of options; of a
 * `backup` a plain name is given.
 */
export type Places = Readonly<Record<string, "withheld" | "own" | "backup">>;

interface Described<Name extends string, Input, Output, Given> {
  /** `noun.verb`; the file is `noun-verb.ts`. */
  readonly name: Name;
  /** One sentence, imperative. */
  readonly title: string;
  /** Relative to `/api/training-data`. */
  readonly http: {
    readonly method: "GET" | "POST" | "PATCH" | "DELETE";
    readonly path: string;
    readonly places?: Places;
    /** The member, a list, that a body may be by itself: as a JSON array, or as JSON Lines with one of them a line. */
    readonly list?: string;
  };
  readonly scope: Scope;
  /** With one of these members it changes something: then it needs this scope too, and over HTTP a POST to the same path. */
  readonly changesWith?: { readonly members: readonly string[]; readonly scope: Scope };
  /** Its answer holds a secret that is shown once: nobody keeps it, also not to answer a repeated request. */
  readonly isSecret?: true;
  /** `filtered`: shows callers that reach some datasets only what is theirs. Without it they have to name one of their datasets. */
  readonly underLimit?: "filtered";
  /** How a server runs it: `job` in the background with progress, in a process of its own; `aside` at once in such a process; absent = it is quick, at once. */
  readonly runs?: "job" | "aside";
  /** Its entry in the audit is written after the answer, which waits for nothing that it does not need itself. */
  readonly audited?: "afterwards";
  /** `Given` is what a caller may write, `Input` what it becomes once defaults are filled in. */
  readonly input: z.ZodType<Input, Given>;
  readonly output: z.ZodType<Output>;
  readonly body: "json" | "stream" | "none";
  readonly answer: "json" | "stream" | "events";
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
}

/** A verb of the product on an open workspace: what every door offers and none computes itself. */
export interface Operation<Name extends string = string, Input = unknown, Output = unknown, Given = Input> extends Described<
  Name,
  Input,
  Output,
  Given
> {
  readonly on: "workspace";
  run(workspace: Workspace, input: Input, context: OperationContext): Promise<Output>;
}

/** A verb that comes before a workspace is open: making one, or finding out what is wrong with one. */
export interface FolderOperation<Name extends string = string, Input = unknown, Output = unknown, Given = Input> extends Described<
  Name,
  Input,
  Output,
  Given
> {
  readonly on: "folder";
  run(folder: string, input: Input, context: OperationContext): Promise<Output>;
}
