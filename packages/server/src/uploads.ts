import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TilthError } from "@tilth/core";
import type { Limits } from "./limits.ts";

/** A file that arrives in pieces. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  /** Bytes that are safe on the disk. */
  readonly offset: number;
  /** Absent where the sender did not say. */
  readonly total?: number;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Keeps files that arrive in pieces until they are used, or abandoned. Nobody but who began one can see it. */
export interface Uploads {
  /** @throws {@link TilthError} `upload/too-many`, `request/too-large`. */
  begin(actor: string, file: { readonly name: string; readonly total?: number }): Promise<Upload>;
  /** @throws {@link TilthError} `upload/not-found`. */
  find(id: string, actor: string): Promise<Upload>;
  /**
   * Adds bytes at the offset; what arrived is kept, also where the connection ends.
   *
   * @throws {@link TilthError} `upload/not-found`, `upload/wrong-offset`, `upload/busy`, `request/too-large`; what the bytes throw.
   */
  add(id: string, actor: string, piece: { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> }): Promise<Upload>;
  /** @throws {@link TilthError} `upload/not-found`. */
  remove(id: string, actor: string): Promise<void>;
  /**
   * Where a whole file lies. From now on it is whole: nothing is added to what somebody reads.
   *
   * @throws {@link TilthError} `upload/not-found`, `upload/incomplete`.
   */
  finished(id: string, actor: string): Promise<{ readonly path: string; readonly name: string }>;
  /** Takes away what nobody goes on with. */
  sweep(): Promise<void>;
}

interface Info {
  readonly actor: string;
  readonly name: string;
  readonly total?: number;
}

/** How many bytes may have to be sent once more after the power fails. */
const CHECKPOINT_BYTES = 16_000_000;

/** Keeps uploads in a folder, each in one of its own: the bytes, who sends them, and how many of them are safe. */
export function openUploads(
  folder: string,
  limits: Limits["uploads"] & { readonly uploadBytes: number },
  nowMs: () => number = Date.now,
): Uploads {
  const busy = new Set<string>();
  const place = (id: string): string => join(folder, id);

  async function find(id: string, actor: string): Promise<Upload> {
    const info = isId(id) ? await readInfo(place(id)) : undefined;
    if (info === undefined || info.actor !== actor) throw new TilthError("upload/not-found", { upload: id });
    const { offset, atMs } = await readOffset(place(id));
    const { name, total } = info;
    const expiresAt = new Date(atMs + limits.ageMs).toISOString();
    return { id, name, offset, ...(total === undefined ? {} : { total }), expiresAt };
  }

  async function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (busy.has(id)) throw new TilthError("upload/busy", {});
    busy.add(id);
    try {
      return await work();
    } finally {
      busy.delete(id);
    }
  }

  return {
    find,
    async begin(actor, { name, total }) {
      if (total !== undefined && total > limits.uploadBytes) throw tooLarge(limits.uploadBytes);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const there = await sizes(folder);
      const hours = Math.round(limits.ageMs / 3_600_000);
      if (there.length >= limits.count) throw new TilthError("upload/too-many", { what: `${there.length}`, hours });
      const bytes = there.reduce((sum, one) => sum + one, 0);
      if (bytes + (total ?? 0) > limits.bytes)
        throw new TilthError("upload/too-many", {
          what: `${bytes.toLocaleString("en-US")} bytes of ${limits.bytes.toLocaleString("en-US")}`,
          hours,
        });
      const id = randomUUID();
      const info: Info = { actor, name, ...(total === undefined ? {} : { total }) };
      await mkdir(place(id), { mode: 0o700 });
      await writeFile(join(place(id), "data"), "", { mode: 0o600 });
      await keepOffset(place(id), 0);
      // Last: an upload is there when somebody is known to whom it belongs.
      await keepInfo(place(id), info);
      return find(id, actor);
    },
    async add(id, actor, { offset, bytes }) {
      return alone(id, async () => {
        const upload = await find(id, actor);
        if (offset !== upload.offset) throw new TilthError("upload/wrong-offset", { offset: upload.offset, given: offset });
        await append(place(id), upload, { bytes, most: upload.total ?? limits.uploadBytes });
        return find(id, actor);
      });
    },
    async remove(id, actor) {
      await find(id, actor);
      await alone(id, () => rm(place(id), { recursive: true, force: true }));
    },
    async finished(id, actor) {
      const { offset, total, name } = await find(id, actor);
      if (busy.has(id)) throw new TilthError("upload/busy", {});
      if (total !== undefined && offset < total) throw new TilthError("upload/incomplete", { offset, total });
      if (total === undefined) await keepInfo(place(id), { actor, name, total: offset });
      return { path: join(place(id), "data"), name };
    },
    async sweep() {
      for (const id of await idsIn(folder)) {
        if (busy.has(id)) continue;
        const { atMs } = await readOffset(place(id)).catch(() => ({ atMs: 0 }));
        if (atMs < nowMs() - limits.ageMs) await rm(place(id), { recursive: true, force: true });
      }
    },
  };
}

/** Writes the bytes behind those that are safe; now and then, and at the end whatever it is, makes them safe and says so. */
async function append(
  place: string,
  { offset }: Upload,
  { bytes, most }: { readonly bytes: AsyncIterable<Uint8Array>; readonly most: number },
): Promise<void> {
  await using file = await open(join(place, "data"), "r+");
  await file.truncate(offset); // what a fallen machine left behind the safe bytes may be anything
  let end = offset;
  let safe = offset;
  const checkpoint = async (): Promise<void> => {
    if (end === safe) return;
    await file.datasync();
    await keepOffset(place, end);
    safe = end;
  };
  try {
    for await (const chunk of bytes) {
      if (end + chunk.length > most) throw tooLarge(most);
      await writeAll(file, chunk, end);
      end += chunk.length;
      if (end - safe >= CHECKPOINT_BYTES) await checkpoint();
    }
  } finally {
    await checkpoint();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

async function keepOffset(place: string, offset: number): Promise<void> {
  const draft = join(place, "offset.tmp");
  await using file = await open(draft, "w", 0o600);
  await file.writeFile(String(offset));
  await file.datasync();
  await rename(draft, join(place, "offset"));
}

async function readOffset(place: string): Promise<{ readonly offset: number; readonly atMs: number }> {
  const path = join(place, "offset");
  return { offset: Number(await readFile(path, "utf8")), atMs: (await stat(path)).mtimeMs };
}

async function keepInfo(place: string, info: Info): Promise<void> {
  const draft = join(place, "info.tmp");
  await writeFile(draft, JSON.stringify(info), { mode: 0o600 });
  await rename(draft, join(place, "info.json"));
}

async function readInfo(place: string): Promise<Info | undefined> {
  try {
    const info: Info = JSON.parse(await readFile(join(place, "info.json"), "utf8"));
    return info;
  } catch {
    return undefined; // none, or one whose beginning was cut off: it is swept
  }
}

/** Uploads alone: the bodies of jobs lie beside them. */
async function idsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => isId(name));
}

function isId(name: string): boolean {
  return /^[0-9a-f-]{36}$/.test(name);
}

/** What each upload takes, or is going to take. */
async function sizes(folder: string): Promise<readonly number[]> {
  const ids = await idsIn(folder);
  return Promise.all(
    ids.map(async (id) => {
      const total = (await readInfo(join(folder, id)))?.total;
      return (
        total ??
        stat(join(folder, id, "data")).then(
          ({ size }) => size,
          () => 0,
        )
      );
    }),
  );
}

function tooLarge(limit: number): TilthError<"request/too-large"> {
  return new TilthError("request/too-large", { limit, hint: "Divide the file, or have the limit raised." });
}
