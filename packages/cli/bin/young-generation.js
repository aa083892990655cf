import v8 from "node:v8";

/**
 * Keeps the part of memory where new objects lie from growing beyond a size, in this thread and in those started later.
 *
 * Node lets it grow to several times this, most of it garbage of an import: a fifth of the process for no measured gain. The flag that limits
 * it counts only at the start of a thread, so in this one growth is stopped when the size is reached: a look every 50 ms until then.
 *
 * @param {number} [limitMb] Size of one half, a power of two.
 */
export function limitYoungGeneration(limitMb = 16) {
  v8.setFlagsFromString(`--max-semi-space-size=${limitMb}`);
  const timer = setInterval(() => {
    const space = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
    if (space !== undefined && space.space_size < limitMb * 1_048_576) return;
    clearInterval(timer);
    // Threads started from now on begin with the whole size, since they cannot grow either.
    v8.setFlagsFromString(`--min-semi-space-size=${limitMb}`);
    v8.setFlagsFromString("--semi-space-growth-factor=1");
  }, 50);
  timer.unref();
}
