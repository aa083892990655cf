// AssemblyScript, compiled by `npm run kernels` to bytes.wasm: UTF-8 bytes -> word hashes -> shingle sets -> sketches -> band keys, and sums of
// rows of a table. Its twin is bytes.ts, equal bit for bit; the host that lays out the memory is bytes-wasm.ts. Raw pointers, no data of its
// own. A long file, because a module of WebAssembly is one memory and inlines only what it compiles.

/** Bytes that are cut at once, so that all that lies between stays in the nearest cache. */
const CHUNK = 1024;
/** Inside a workspace: where words begin and end, their first eight bytes, and which of them have more. */
const PIECES: usize = 8192;
const LONG: usize = 16384;

/**
 * Hashes of the words of a text, in order. Lower-cases the ASCII letters of the text where it lies; reads and writes up to 63 bytes past its end
 * and three hashes past the last.
 *
 * Bytes are classed 16 at once into one bit each, edges of words are found by counting zeros, and four words are hashed at once: no branch a
 * byte and hardly any a word, since the lengths of words cannot be guessed.
 *
 * @param workspace - Room for 20 KB.
 * @returns The number of words.
 */
export function words(text: usize, length: i32, workspace: usize, out: usize): i32 {
  let to = out;
  let edge = workspace;
  let before: u64 = 0;
  for (let chunk = 0; chunk < length; chunk += CHUNK) {
    const end = min(length, chunk + CHUNK);
    for (let block = chunk; block < end; block += 64) {
      const at = text + <usize>block;
      const low = classify(at) | (classify(at + 16) << 16);
      const high = classify(at + 32) | (classify(at + 48) << 16);
      let mask = <u64>low | (<u64>high << 32);
      if (length - block < 64) mask &= (<u64>1 << <u64>(length - block)) - 1;
      // A set bit where a word begins or where one has just ended, in turns.
      let edges = mask ^ ((mask << 1) | before);
      before = mask >>> 63;
      const next = edge + (<usize>popcnt(edges) << 2);
      // Four at once, the last ones perhaps of nothing: fewer ends of the loop to guess.
      for (; edges != 0; edge += 16) {
        store<usize>(edge, at + <usize>ctz(edges));
        edges &= edges - 1;
        store<usize>(edge, at + <usize>ctz(edges), 4);
        edges &= edges - 1;
        store<usize>(edge, at + <usize>ctz(edges), 8);
        edges &= edges - 1;
        store<usize>(edge, at + <usize>ctz(edges), 12);
        edges &= edges - 1;
      }
      edge = next;
    }
    const open = (edge - workspace) & 4;
    if (open != 0 && end == length) {
      store<usize>(edge, text + <usize>length);
      edge += 4;
    }
    const count = <i32>((edge - workspace) >>> 3);
    hashWords(workspace, count, to);
    to += <usize>count << 2;
    // A word that goes on in the next chunk.
    if (open != 0) store<usize>(workspace, load<usize>(edge - 4));
    edge = workspace + open;
  }
  return <i32>((to - out) >>> 2);
}

/** One bit for each of 16 bytes: set for those of words, [0-9A-Za-z_] and all from 0x80 on. Lower-cases them in their place. */
@inline
function classify(at: usize): u32 {
  const bytes = v128.load(at);
  // Signed comparisons are one instruction: ranges are moved to begin at -128.
  const upper = i8x16.gt_s(i8x16.splat(-102), i8x16.sub(bytes, i8x16.splat(-63)));
  const folded = v128.or(bytes, v128.and(upper, i8x16.splat(0x20)));
  v128.store(at, folded);
  const letter = i8x16.gt_s(i8x16.splat(-102), i8x16.sub(folded, i8x16.splat(-31)));
  const digit = i8x16.gt_s(i8x16.splat(-118), i8x16.sub(folded, i8x16.splat(-80)));
  const line = i8x16.eq(folded, i8x16.splat(0x5f));
  // The bits are the signs of the bytes: those beyond ASCII have theirs set as they are.
  return <u32>i8x16.bitmask(v128.or(v128.or(letter, digit), v128.or(line, folded)));
}

/**
 * MurmurHash3 over the bytes of each word in pieces of eight, the last one filled up with zeros: no word holds a zero, so none needs its length.
 *
 * Words of up to eight bytes are hashed four at once, the few longer ones once more by themselves.
 */
@inline
function hashWords(workspace: usize, count: i32, out: usize): void {
  let long = workspace + LONG;
  for (let i = 0; i < count; i++) {
    const start = load<usize>(workspace + (<usize>i << 3));
    const size = load<usize>(workspace + (<usize>i << 3), 4) - start;
    store<u64>(workspace + PIECES + (<usize>i << 3), lastPiece(start, size));
    // Written always and counted only where it is so.
    store<i32>(long, i);
    long += <usize>(size > 8) << 2;
  }
  for (let i = 0; i < count; i += 4) {
    const first = v128.load(workspace + PIECES + (<usize>i << 3));
    const second = v128.load(workspace + PIECES + (<usize>i << 3), 16);
    const low = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
    const high = v128.shuffle<i32>(first, second, 1, 3, 5, 7);
    v128.store(out + (<usize>i << 2), finalise4(absorb4(absorb4(i32x4.splat(0x9747b28c), low), high)));
  }
  for (let at = workspace + LONG; at < long; at += 4) {
    const word = <usize>load<i32>(at);
    store<i32>(out + (word << 2), hashLongWord(load<usize>(workspace + (word << 3)), load<usize>(workspace + (word << 3), 4)));
  }
}

function hashLongWord(start: usize, end: usize): i32 {
  let hash: i32 = 0x9747b28c;
  let at = start;
  for (; end - at > 8; at += 8) hash = absorb(absorb(hash, load<i32>(at)), load<i32>(at, 4));
  const piece = lastPiece(at, end - at);
  return finalise(absorb(absorb(hash, <i32>piece), <i32>(piece >>> 32)));
}

/** Up to eight bytes and zeros. */
@inline
function lastPiece(at: usize, size: usize): u64 {
  return load<u64>(at) & (<u64>-1 >>> (<u64>(8 - size) << 3));
}

/** One step of MurmurHash3 over four bytes. */
@inline
function absorb(hash: i32, lane: i32): i32 {
  return rotl<i32>(hash ^ (rotl<i32>(lane * 0xcc9e2d51, 15) * 0x1b873593), 13) * 5 + 0xe6546b64;
}

@inline
function absorb4(hash: v128, lane: v128): v128 {
  const mixed = i32x4.mul(lane, i32x4.splat(0xcc9e2d51));
  const turned = i32x4.mul(v128.or(i32x4.shl(mixed, 15), i32x4.shr_u(mixed, 17)), i32x4.splat(0x1b873593));
  const whole = v128.xor(hash, turned);
  const rotated = v128.or(i32x4.shl(whole, 13), i32x4.shr_u(whole, 19));
  return i32x4.add(i32x4.add(i32x4.shl(rotated, 2), rotated), i32x4.splat(0xe6546b64));
}

@inline
function finalise(hash: i32): i32 {
  hash ^= hash >>> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >>> 13;
  hash *= 0xc2b2ae35;
  return hash ^ (hash >>> 16);
}

@inline
function finalise4(hash: v128): v128 {
  hash = v128.xor(hash, i32x4.shr_u(hash, 16));
  hash = i32x4.mul(hash, i32x4.splat(0x85ebca6b));
  hash = v128.xor(hash, i32x4.shr_u(hash, 13));
  hash = i32x4.mul(hash, i32x4.splat(0xc2b2ae35));
  return v128.xor(hash, i32x4.shr_u(hash, 16));
}

/**
 * Hashes of each `size` words in a row, over the words' own place. Fewer words than that: one shingle of all; none: none.
 *
 * Reads and writes up to three words past the end.
 *
 * @returns The number of shingles, repeats included.
 */
export function shingles(words: usize, count: i32, size: i32): i32 {
  if (count == 0) return 0;
  if (count < size) {
    let hash: i32 = 0x9e3779b9;
    for (let i = 0; i < count; i++) hash = (hash ^ load<i32>(words + (<usize>i << 2))) * 0x85ebca6b + 0x52dce729;
    store<i32>(words, finalise(hash));
    return 1;
  }
  const total = count - size + 1;
  for (let i = 0; i < total; i += 4) {
    const at = words + (<usize>i << 2);
    let hash = i32x4.splat(0);
    for (let j = 0; j < size; j++) {
      hash = v128.xor(i32x4.mul(hash, i32x4.splat(0x9e3779b1)), v128.load(at + (<usize>j << 2)));
      hash = v128.or(i32x4.shl(hash, 13), i32x4.shr_u(hash, 19));
    }
    v128.store(at, finalise4(hash));
  }
  return total;
}

/**
 * Shingle sets of texts that lie end to end.
 *
 * @param ends - Where each text ends, in bytes from `text`, i32.
 * @param workspace - Room for 80 KB.
 * @param scratch - Room for the words of the longest text and four more.
 * @param out - Room for all shingles and four more; ascending and each once, set after set.
 * @param setEnds - Where each set ends, in values from `out`, i32.
 */
export function shingleSets(
  text: usize, ends: usize, count: i32, size: i32, workspace: usize, scratch: usize, out: usize, setEnds: usize,
): void {
  let begin: i32 = 0;
  let filled: i32 = 0;
  for (let i = 0; i < count; i++) {
    const end = load<i32>(ends + (<usize>i << 2));
    const found = shingles(scratch, words(text + begin, end - begin, workspace, scratch), size);
    filled += sortUnique(scratch, found, workspace, out + (<usize>filled << 2));
    store<i32>(setEnds + (<usize>i << 2), filled);
    begin = end;
  }
}

/** Up to so many values are sorted by comparing each with each. */
const MOST_RANKED = 128;
/** More values than these are sorted digit by digit. */
const MOST_SPREAD = 2048;

/** Sorts `count` values from `values` to `out`, drops repeats and says how many are left. `values` is used up. */
function sortUnique(values: usize, count: i32, workspace: usize, out: usize): i32 {
  if (count <= MOST_RANKED) return sortByRank(values, count, workspace, out);
  return count > MOST_SPREAD ? sortByDigits(values, count, workspace, out) : sortBySpreading(values, count, workspace, out);
}

/** Inside a workspace: the values' first 16 bits, how many are less, and how many of the same were met. */
const RANKS: usize = 512;
const MET: usize = 1024;

/**
 * Counts for each value how many are less, eight at once by their first 16 bits: many comparisons and no branch that hashes would make a guess.
 *
 * The few that begin alike are put right in the last pass, which also drops repeats.
 */
function sortByRank(values: usize, count: i32, workspace: usize, out: usize): i32 {
  if (count == 0) return 0;
  const end = <usize>count << 1;
  for (let at: usize = 0; at < end; at += 16) {
    const low = i32x4.shr_s(v128.load(values + (at << 1)), 16);
    const high = i32x4.shr_s(v128.load(values + (at << 1), 16), 16);
    v128.store(workspace + at, i16x8.narrow_i32x4_s(low, high));
    v128.store(workspace + MET + at, i16x8.splat(0));
  }
  for (let block: usize = 0; block < end; block += 64) {
    const at = workspace + block;
    const k0 = v128.load(at);
    const k1 = v128.load(at, 16);
    const k2 = v128.load(at, 32);
    const k3 = v128.load(at, 48);
    let r0 = i16x8.splat(0);
    let r1 = r0;
    let r2 = r0;
    let r3 = r0;
    for (let other: usize = 0; other < end; other += 2) {
      const key = v128.load16_splat(workspace + other);
      r0 = i16x8.sub(r0, i16x8.gt_s(k0, key));
      r1 = i16x8.sub(r1, i16x8.gt_s(k1, key));
      r2 = i16x8.sub(r2, i16x8.gt_s(k2, key));
      r3 = i16x8.sub(r3, i16x8.gt_s(k3, key));
    }
    v128.store(at + RANKS, r0);
    v128.store(at + RANKS, r1, 16);
    v128.store(at + RANKS, r2, 32);
    v128.store(at + RANKS, r3, 48);
  }
  for (let at: usize = 0; at < end; at += 2) {
    const rank = <usize>load<u16>(workspace + RANKS + at);
    const same = workspace + MET + (rank << 1);
    const met = <usize>load<u16>(same);
    store<u16>(same, <u16>(met + 1));
    store<i32>(out + ((rank + met) << 2), load<i32>(values + (at << 1)));
  }
  return settle(out, count);
}

/** Drops repeats from values that are sorted but for a few, and puts these right; says how many are left. */
function settle(out: usize, count: i32): i32 {
  let last = out;
  const end = out + (<usize>count << 2);
  for (let at = out + 4; at < end; at += 4) {
    const value = load<i32>(at);
    if (value > load<i32>(last)) {
      last += 4;
      store<i32>(last, value);
    } else last = insertSorted(out, last, value);
  }
  return <i32>((last + 4 - out) >>> 2);
}

/** Puts a value into the sorted values from `out` to `last`, unless it is among them; returns the place of the last one. */
function insertSorted(out: usize, last: usize, value: i32): usize {
  let at = last;
  while (at >= out && load<i32>(at) > value) at -= 4;
  if (at >= out && load<i32>(at) == value) return last;
  for (let from = last; from > at; from -= 4) store<i32>(from + 4, load<i32>(from));
  store<i32>(at + 4, value);
  return last + 4;
}

/**
 * Hashes spread evenly: each goes to its place in a table four times as large, found by its first bits, with one bit a place for what is taken.
 *
 * Where a place is taken the values around it are kept in order, so the table read from its start is sorted. At worst, for values that begin
 * alike, quadratic in at most `MOST_SPREAD` of them.
 */
function sortBySpreading(values: usize, count: i32, workspace: usize, out: usize): i32 {
  if (count == 0) return 0;
  const bits = 34 - clz(count);
  const shift = 32 - bits;
  // Values that begin with the last place of all lie behind it.
  const places = (1 << bits) + count;
  const table = workspace + TAKEN_BYTES;
  const takenEnd = workspace + <usize>((places + 63) >>> 6 << 3);
  for (let at = workspace; at < takenEnd; at += 16) v128.store(at, i64x2.splat(0));
  const end = values + (<usize>count << 2);
  for (let at = values; at < end; at += 4) {
    const value = load<i32>(at);
    const place = <u32>(value ^ i32.MIN_VALUE) >>> shift;
    if (isTaken(workspace, place)) insert(workspace, table, place, value);
    else {
      take(workspace, place);
      store<i32>(table + (<usize>place << 2), value);
    }
  }
  let to = out;
  let from = table;
  for (let at = workspace; at < takenEnd; at += 8) {
    let taken = load<u64>(at);
    while (taken != 0) {
      store<i32>(to, load<i32>(from + (<usize>ctz(taken) << 2)));
      to += 4;
      taken &= taken - 1;
    }
    from += 256;
  }
  return <i32>((to - out) >>> 2);
}

/** Bits for 4 x 2 x MOST_SPREAD places and for as many values behind the last, rounded up. */
const TAKEN_BYTES: usize = 2560;

@inline
function isTaken(taken: usize, place: u32): bool {
  return ((load<u64>(taken + <usize>(place >>> 6 << 3)) >>> <u64>(place & 63)) & 1) != 0;
}

@inline
function take(taken: usize, place: u32): void {
  const at = taken + <usize>(place >>> 6 << 3);
  store<u64>(at, load<u64>(at) | (<u64>1 << <u64>(place & 63)));
}

/** Puts a value between its neighbours and moves those behind it; a value that is there already stays alone. */
function insert(taken: usize, table: usize, from: u32, value: i32): void {
  let place = from;
  while (isTaken(taken, place) && load<i32>(table + (<usize>place << 2)) < value) place++;
  let moved = value;
  while (isTaken(taken, place)) {
    const held = load<i32>(table + (<usize>place << 2));
    if (held == moved) return;
    store<i32>(table + (<usize>place << 2), moved);
    moved = held;
    place++;
  }
  take(taken, place);
  store<i32>(table + (<usize>place << 2), moved);
}

/** Three passes of 11, 11 and 10 bits: linear whatever the values are. */
function sortByDigits(values: usize, count: i32, counters: usize, out: usize): i32 {
  sortByDigit(values, count, 0, 11, counters, out);
  sortByDigit(out, count, 11, 11, counters, values);
  sortByDigit(values, count, 22, 10, counters, out);
  return settle(out, count);
}

function sortByDigit(from: usize, count: i32, shift: i32, bits: i32, counters: usize, to: usize): void {
  const mask: u32 = (1 << bits) - 1;
  const end = from + (<usize>count << 2);
  memory.fill(counters, 0, <usize>4 << bits);
  for (let at = from; at < end; at += 4) {
    const part = counters + (<usize>(((load<u32>(at) ^ 0x80000000) >>> shift) & mask) << 2);
    store<i32>(part, load<i32>(part) + 1);
  }
  let begin = 0;
  const parts = counters + (<usize>4 << bits);
  for (let part = counters; part < parts; part += 4) {
    const held = load<i32>(part);
    store<i32>(part, begin);
    begin += held;
  }
  for (let at = from; at < end; at += 4) {
    const value = load<i32>(at);
    const part = counters + (<usize>(((value ^ 0x80000000) >>> shift) & mask) << 2);
    const place = load<i32>(part);
    store<i32>(part, place + 1);
    store<i32>(to + (<usize>place << 2), value);
  }
}

/**
 * Classic MinHash: the least and the greatest of each permutation.
 *
 * The greatest is the least under the reversed order, so one multiplication gives two slots. The values are well-mixed hashes, hence an odd
 * multiplier alone permutes them. Slots come in groups of eight: four least, then four greatest of the same permutations.
 *
 * @param slots - Rounded up to a multiple of 8.
 */
function classic(values: usize, count: i32, multipliers: usize, slots: i32, out: usize): void {
  const end = values + (<usize>count << 2);
  const whole = slots & ~31;
  for (let slot = 0; slot < whole; slot += 32) {
    const from = multipliers + (<usize>slot << 1);
    const to = out + (<usize>slot << 2);
    const a0 = v128.load(from);
    const a1 = v128.load(from, 16);
    const a2 = v128.load(from, 32);
    const a3 = v128.load(from, 48);
    let least0 = i32x4.splat(i32.MAX_VALUE);
    let most0 = i32x4.splat(i32.MIN_VALUE);
    let least1 = i32x4.splat(i32.MAX_VALUE);
    let most1 = i32x4.splat(i32.MIN_VALUE);
    let least2 = i32x4.splat(i32.MAX_VALUE);
    let most2 = i32x4.splat(i32.MIN_VALUE);
    let least3 = i32x4.splat(i32.MAX_VALUE);
    let most3 = i32x4.splat(i32.MIN_VALUE);
    for (let at = values; at < end; at += 4) {
      const value = v128.load32_splat(at);
      const p0 = i32x4.mul(value, a0);
      least0 = i32x4.min_s(least0, p0);
      most0 = i32x4.max_s(most0, p0);
      const p1 = i32x4.mul(value, a1);
      least1 = i32x4.min_s(least1, p1);
      most1 = i32x4.max_s(most1, p1);
      const p2 = i32x4.mul(value, a2);
      least2 = i32x4.min_s(least2, p2);
      most2 = i32x4.max_s(most2, p2);
      const p3 = i32x4.mul(value, a3);
      least3 = i32x4.min_s(least3, p3);
      most3 = i32x4.max_s(most3, p3);
    }
    v128.store(to, least0);
    v128.store(to, most0, 16);
    v128.store(to, least1, 32);
    v128.store(to, most1, 48);
    v128.store(to, least2, 64);
    v128.store(to, most2, 80);
    v128.store(to, least3, 96);
    v128.store(to, most3, 112);
  }
  for (let slot = whole; slot < slots; slot += 8) {
    const a = v128.load(multipliers + (<usize>slot << 1));
    let least = i32x4.splat(i32.MAX_VALUE);
    let most = i32x4.splat(i32.MIN_VALUE);
    for (let at = values; at < end; at += 4) {
      const p = i32x4.mul(v128.load32_splat(at), a);
      least = i32x4.min_s(least, p);
      most = i32x4.max_s(most, p);
    }
    v128.store(out + (<usize>slot << 2), least);
    v128.store(out + (<usize>slot << 2), most, 16);
  }
}

/**
 * Fast Similarity Sketching: in each round every value goes to one slot, at random for the first `slots` rounds, then all to one slot a round;
 * a slot keeps the least of the first round that reached it. Most often two or three rounds fill all.
 *
 * @param salts - One i32 for each of 2 x slots rounds.
 * @param best - Room for `slots` u64: round above, hash below.
 */
function fast(values: usize, count: i32, salts: usize, slots: i32, best: usize, out: usize): void {
  const end = values + (<usize>count << 2);
  const fours = values + (<usize>(count & ~3) << 2);
  memory.fill(best, 0xff, <usize>slots << 3);
  let open = slots;
  for (let round = 0; open > 0; round++) {
    const salt = i32x4.splat(load<i32>(salts + (<usize>round << 2)));
    for (let at = values; at < fours; at += 16) open -= lowerFour(v128.xor(v128.load(at), salt), round, slots, best);
    // The same value four times changes nothing after the first.
    for (let at = fours; at < end; at += 4) open -= lowerFour(v128.xor(v128.load32_splat(at), salt), round, slots, best);
  }
  for (let slot = 0; slot < slots; slot++) {
    const mark = load<u64>(best + (<usize>slot << 3));
    store<i32>(out + (<usize>slot << 2), finalise(<i32>mark ^ (<i32>(mark >>> 32) * 0x9e3779b1)));
  }
}

/** One round of four values; returns how many slots had none before. */
@inline
function lowerFour(salted: v128, round: i32, slots: i32, best: usize): i32 {
  const hash = finalise4(salted);
  const drawn = i32x4.shr_u(i32x4.mul(i32x4.shr_u(hash, 16), i32x4.splat(slots)), 16);
  const slot = i32x4.shl(round < slots ? drawn : i32x4.splat(round - slots), 3);
  // The slot was chosen by the first bits of the hash; this brings its last ones to the front.
  const mark = i32x4.mul(hash, i32x4.splat(0x2c1b3c6d));
  const high = <u64>round << 32;
  let opened = lower(best + <usize>i32x4.extract_lane(slot, 0), high | <u64><u32>i32x4.extract_lane(mark, 0));
  opened += lower(best + <usize>i32x4.extract_lane(slot, 1), high | <u64><u32>i32x4.extract_lane(mark, 1));
  opened += lower(best + <usize>i32x4.extract_lane(slot, 2), high | <u64><u32>i32x4.extract_lane(mark, 2));
  return opened + lower(best + <usize>i32x4.extract_lane(slot, 3), high | <u64><u32>i32x4.extract_lane(mark, 3));
}

/** Keeps the lower of two marks; 1 where there was none before. */
@inline
function lower(at: usize, mark: u64): i32 {
  const held = load<u64>(at);
  store<u64>(at, mark < held ? mark : held);
  return i32(held == u64.MAX_VALUE);
}

/**
 * One key a band of each set, column-major: `keys[band * count + set]`. Slot `row * bands + band` of a sketch belongs to a band; the sketch
 * itself is not kept. An empty set has the key 0 in every band.
 *
 * @param family - 0 is classic, 1 is fast.
 * @param constants - Classic: odd multipliers, half as many as slots. Fast: salts.
 * @param best - Only for fast.
 * @param sketch - Room for bands x rows slots and eight more.
 */
export function bandKeys(
  values: usize, ends: usize, count: i32, bands: i32, rows: i32, family: i32, constants: usize, best: usize, sketch: usize, keys: usize,
): void {
  const slots = bands * rows;
  const rounded = (slots + 7) & ~7;
  let begin = values;
  for (let set = 0; set < count; set++) {
    const end = values + (<usize>load<i32>(ends + (<usize>set << 2)) << 2);
    const held = <i32>((end - begin) >>> 2);
    if (held > 0) {
      if (family == 0) classic(begin, held, constants, rounded, sketch);
      else fast(begin, held, constants, slots, best, sketch);
    }
    for (let band = 0; band < bands; band += 4) {
      let key = v128.xor(i32x4.splat(0x9e3779b9), i32x4.add(i32x4.splat(band), i32x4(0, 1, 2, 3)));
      for (let row = 0; row < rows; row++) {
        const slot = v128.load(sketch + (<usize>(row * bands + band) << 2));
        key = i32x4.mul(v128.xor(key, slot), i32x4.splat(0x85ebca6b));
        key = v128.xor(key, i32x4.shr_u(key, 15));
      }
      key = held > 0 ? finalise4(key) : i32x4.splat(0);
      const to = keys + (<usize>(band * count + set) << 2);
      const step = <usize>count << 2;
      store<i32>(to, i32x4.extract_lane(key, 0));
      if (band + 1 < bands) store<i32>(to + step, i32x4.extract_lane(key, 1));
      if (band + 2 < bands) store<i32>(to + 2 * step, i32x4.extract_lane(key, 2));
      if (band + 3 < bands) store<i32>(to + 3 * step, i32x4.extract_lane(key, 3));
    }
    begin = end;
  }
}

/**
 * Adds rows of int8, each times its scale, to sums of f32: one list of row numbers for each sum, in the order of the list.
 *
 * @param stride - Bytes a row, a multiple of 32; as many f32 a sum.
 * @param ends - Where each list ends, in row numbers from `ids`, i32.
 * @param out - What the sums begin with: zeros, or a list's sum so far.
 */
export function rowSums(rows: usize, scales: usize, stride: i32, ids: usize, ends: usize, count: i32, out: usize): void {
  let begin = ids;
  let to = out;
  for (let list = 0; list < count; list++, to += <usize>stride << 2) {
    const end = ids + (<usize>load<i32>(ends + (<usize>list << 2)) << 2);
    for (let column = 0; column < stride; column += 32) addColumns(rows + <usize>column, scales, stride, begin, end, to + (<usize>column << 2));
    begin = end;
  }
}

/** 32 columns at once, their sums in registers. */
function addColumns(rows: usize, scales: usize, stride: i32, begin: usize, end: usize, to: usize): void {
  let s0 = v128.load(to);
  let s1 = v128.load(to, 16);
  let s2 = v128.load(to, 32);
  let s3 = v128.load(to, 48);
  let s4 = v128.load(to, 64);
  let s5 = v128.load(to, 80);
  let s6 = v128.load(to, 96);
  let s7 = v128.load(to, 112);
  for (let at = begin; at < end; at += 4) {
    const row = load<u32>(at);
    const scale = v128.load32_splat(scales + (<usize>row << 2));
    const from = rows + <usize>row * <usize>stride;
    const left = v128.load(from);
    const right = v128.load(from, 16);
    s0 = addScaled(s0, i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(left)), scale);
    s1 = addScaled(s1, i32x4.extend_high_i16x8_s(i16x8.extend_low_i8x16_s(left)), scale);
    s2 = addScaled(s2, i32x4.extend_low_i16x8_s(i16x8.extend_high_i8x16_s(left)), scale);
    s3 = addScaled(s3, i32x4.extend_high_i16x8_s(i16x8.extend_high_i8x16_s(left)), scale);
    s4 = addScaled(s4, i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(right)), scale);
    s5 = addScaled(s5, i32x4.extend_high_i16x8_s(i16x8.extend_low_i8x16_s(right)), scale);
    s6 = addScaled(s6, i32x4.extend_low_i16x8_s(i16x8.extend_high_i8x16_s(right)), scale);
    s7 = addScaled(s7, i32x4.extend_high_i16x8_s(i16x8.extend_high_i8x16_s(right)), scale);
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
  v128.store(to, s4, 64);
  v128.store(to, s5, 80);
  v128.store(to, s6, 96);
  v128.store(to, s7, 112);
}

@inline
function addScaled(sum: v128, numbers: v128, scale: v128): v128 {
  return f32x4.add(sum, f32x4.mul(f32x4.convert_i32x4_s(numbers), scale));
}
