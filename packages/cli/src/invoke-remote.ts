import { openAsBlob } from "node:fs";
import { basename, resolve } from "node:path";
import type { ByteSource, OperationOutput, ReceiveOptions } from "@tilth/core";
import type { CallOptions, ClientBody, OperationName, TilthClient } from "@tilth/core/client";
import { createClient, isTilthError, TilthError } from "@tilth/core/client";
import type { Invoke, OptionValues } from "./command.ts";
import { keyFor } from "./credentials.ts";
import type { InProcess } from "./invoke.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** A command's way to the operations of a server: files are sent from here, and what an export writes comes here. */
export function invokeRemote(session: {
  readonly server: string;
  readonly options: OptionValues;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): InProcess {
  const { server, options, terminal, signal } = session;
  let opened: Promise<TilthClient> | undefined;
  const shown: CallOptions = {
    signal,
    progress: (progress) => terminal.progress(progress),
    remark: (message) => options["quiet"] !== true && terminal.note(message),
  };
  const invoke: Invoke = async (name, input, extra = {}) => {
    opened ??= keyFor(server).then((key) => createClient({ url: server, ...(key === undefined ? {} : { key }) }));
    const client = await opened;
    // oxlint-disable-next-line typescript/consistent-type-assertions -- each carrier below gives its own operation what this takes
    const call = client.call as (name: OperationName, input: Members, options: CallOptions) => Promise<unknown>;
    const asking: Asking = { client, terminal, call: (given, file) => call(name, given, { ...shown, ...file }), ...extra };
    // Whoever stops does not wait for what is piped in.
    if (extra.body !== undefined) signal.addEventListener("abort", () => process.stdin.destroy(), { once: true });
    try {
      const output = await (carriers[name] ?? plainly)(asking, { ...input });
      // oxlint-disable-next-line typescript/consistent-type-assertions -- what the server answers to an operation is its output
      return output as OperationOutput<typeof name>;
    } catch (error) {
      throw asHere(error);
    }
  };
  return { invoke, close: async () => undefined };
}

type Members = Readonly<Record<string, unknown>>;

interface Asking {
  readonly client: TilthClient;
  readonly terminal: Terminal;
  /** What was piped in. */
  readonly body?: ByteSource;
  readonly call: (input: Members, file?: { readonly body: ClientBody; readonly fileName: string }) => Promise<unknown>;
}

type Carrier = (asking: Asking, input: Members) => Promise<unknown>;

const plainly: Carrier = ({ call }, input) => call(input);

/** Operations that name files or folders: what of them lies here. */
const carriers: { readonly [Name in OperationName]?: Carrier } = {
  "example.import": sendFile,
  "dataset.import": sendFile,
  "dataset.upload": sendFile,
  "text.check": sendTexts,
  "dataset.export": fetchExport,
  "version.checkout": fetchCheckout,
  "workspace.backup": backUpThere,
};

/** Opened here, so that a missing file is told as everywhere. */
async function sendFile({ client, call, body }: Asking, { file, ...input }: Members): Promise<Members> {
  const { fileSource } = await import("@tilth/core");
  const source = body ?? (await fileSource(textOf(file)));
  const isFile = source.rewindable && body === undefined;
  const sent = isFile ? await openAsBlob(source.name) : source.open();
  const output = membersOf(await call(input, { body: sent, fileName: basename(source.name) }));
  const name = source.name;
  return "report" in output ? { ...output, report: named(client, membersOf(output["report"]), name) } : named(client, output, name);
}

/** A report as it would be here: the file as it was typed, the list of refused rows as an address. */
function named({ url }: TilthClient, report: Members, name: string): Members {
  const { rejectedFile } = report;
  return { ...report, file: name, ...(typeof rejectedFile === "string" ? { rejectedFile: `${url}${rejectedFile}` } : {}) };
}

async function sendTexts({ call }: Asking, { file, ...input }: Members): Promise<unknown> {
  if (file === undefined) return call(input);
  const { fileSource, readTexts } = await import("@tilth/core");
  return call({ ...input, texts: await readTexts(await fileSource(textOf(file))) });
}

async function fetchExport(asking: Asking, { out, ...input }: Members): Promise<unknown> {
  const { receiveExport } = await import("@tilth/core");
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the operation's own output
  const made = (await asking.call(input)) as OperationOutput<"dataset.export">;
  const folder = resolve(typeof out === "string" ? out : `${made.dataset}-${made.label}-${made.format}`);
  if (!made.dryRun) await receiveExport(made, { folder, ...incoming(asking, made) });
  return { ...made, folder };
}

async function fetchCheckout(asking: Asking, { out, ...input }: Members): Promise<unknown> {
  const { receiveCheckout } = await import("@tilth/core");
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the operation's own output
  const made = (await asking.call(input)) as OperationOutput<"version.checkout">;
  const folder = resolve(typeof out === "string" ? out : `${made.dataset}-${made.label}`);
  return { ...made, folder, created: await receiveCheckout(made, { folder, ...incoming(asking, made) }) };
}

/** The server keeps its backups where it keeps its data; only their names are said from here. */
async function backUpThere({ call }: Asking, input: Members): Promise<unknown> {
  const { folder } = input;
  if (typeof folder === "string" && /^[A-Za-z0-9][\w.-]{0,99}$/.test(folder)) return call(input);
  throw new TilthError("input/invalid", {
    where: "folder",
    problem: "a server backs up into a folder of its own: give it a plain name, such as nightly",
  });
}

/** The files of a folder on the server, as they are asked for. */
function incoming({ client, terminal }: Asking, made: { readonly folder: string }): Pick<ReceiveOptions, "find" | "progress"> {
  return {
    find: (name) =>
      client.download(made, name).catch((error: unknown) => {
        if (isTilthError(error) && error.code === "export/no-file") return undefined;
        throw error;
      }),
    progress: ({ file, done, total }) => terminal.progress({ step: `fetching ${file}`, done, total, unit: "bytes" }),
  };
}

/** An input that a server refuses is refused here in the same words. */
function asHere(error: unknown): unknown {
  if (!isTilthError(error) || (error.code !== "request/query" && error.code !== "request/body")) return error;
  const { where, problem } = error.details;
  return new TilthError("input/invalid", { where: textOf(where), problem: textOf(problem) }, { cause: error });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
