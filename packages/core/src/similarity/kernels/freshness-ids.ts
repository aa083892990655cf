// Ids in ascending order, end to end as bytes: a million strings would cost more than the words of their texts.

/** The id of rank `r` is `bytes[offsets[r] .. offsets[r + 1])` in UTF-8. */
export interface Ids {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Uint32Array;
}

/** @param sorted - In ascending order, each once. */
export function packIds(sorted: readonly string[]): Ids {
  const offsets = new Uint32Array(sorted.length + 1);
  let length = 0;
  for (let r = 0; r < sorted.length; r++) {
    length += Buffer.byteLength(sorted[r]);
    offsets[r + 1] = length;
  }
  const bytes = new Uint8Array(length);
  const buffer = Buffer.from(bytes.buffer);
  for (let r = 0; r < sorted.length; r++) buffer.write(sorted[r], offsets[r]);
  return { bytes, offsets };
}

export function idAt({ bytes, offsets }: Ids, rank: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8", offsets[rank], offsets[rank + 1]);
}

/** The rank of an id, -1 where it is not there. */
export function rankOf(ids: Ids, id: string): number {
  const rank = firstRank(ids, id);
  return rank < ids.offsets.length - 1 && idAt(ids, rank) === id ? rank : -1;
}

/** How many ids are smaller than this one. */
export function firstRank(ids: Ids, id: string): number {
  let low = 0;
  let high = ids.offsets.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (idAt(ids, middle) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
