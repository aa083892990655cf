import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Failure } from "./sqlite-errors.ts";

/** What a file system is to a pool. */
export type FileSystem = { readonly kind: "local" } | { readonly kind: "network"; readonly name: string } | { readonly kind: "fuse" };

/** @see {@link https://man7.org/linux/man-pages/man2/statfs.2.html | statfs(2)} */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p"],
]);
const FUSE = 0x65735546;

/** Reads what `statfs` says of a file system. */
export function fileSystemOf(type: number): FileSystem {
  // Where the kernel's number is signed, the upper types come out negative.
  const name = networkTypes.get(type >>> 0);
  if (name !== undefined) return { kind: "network", name };
  return { kind: type >>> 0 === FUSE ? "fuse" : "local" };
}

/** Why a pool cannot stand there; undefined where it can. */
export function placeProblem(path: string): Failure | undefined {
  const folder = dirname(path);
  const folderStat = statSync(folder, { throwIfNoEntry: false });
  if (folderStat === undefined) return notWritable("its folder does not exist");
  if (!folderStat.isDirectory()) return notWritable("its folder is a file");
  if (!isAllowed(folder, constants.R_OK | constants.W_OK | constants.X_OK)) return notWritable("this user may not write into its folder");
  const fileStat = statSync(path, { throwIfNoEntry: false });
  if (fileStat?.isDirectory()) return { code: "storage/not-a-pool", reason: "it is a folder" };
  if (fileStat !== undefined && !isAllowed(path, constants.R_OK | constants.W_OK)) return notWritable("this user may not write the file");
  return undefined;
}

/** The file system a pool would lie on. */
export function fileSystemAt(path: string): FileSystem {
  return fileSystemOf(Number(statfsSync(dirname(path)).type));
}

function notWritable(reason: string): Failure {
  return { code: "storage/not-writable", reason };
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
