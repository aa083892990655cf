/** One server-sent event. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  /** Of the last event that had one. */
  readonly id?: string;
}

/** Longer than the server's own sign of life; after it the connection counts as dead. */
const SILENCE_MS = 60_000;

/**
 * Reads server-sent events to the end of the connection.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html | HTML, server-sent events}
 * @throws A `TypeError` where the connection breaks or falls silent.
 */
export async function* readEvents(response: Response): AsyncGenerator<StreamEvent> {
  if (response.body === null) return;
  const body: ReadableStream<Uint8Array> = response.body;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = createParser();
  try {
    for (;;) {
      const { done, value } = await spoken(reader.read());
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops listening leaves; a broken connection is left already.
    await reader.cancel().catch(() => undefined);
  }
}

/** Takes text apart into events, however it is cut. */
export function createParser(): { push(text: string): readonly StreamEvent[] } {
  let rest = "";
  let event = "";
  let data: string[] = [];
  let id: string | undefined;

  function take(line: string): StreamEvent | undefined {
    if (line === "") {
      const ended =
        data.length === 0
          ? undefined
          : { event: event === "" ? "message" : event, data: data.join("\n"), ...(id === undefined ? {} : { id }) };
      event = "";
      data = [];
      return ended;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
    return undefined;
  }

  return {
    push(text) {
      // A CR at the very end may be the first half of an end of line.
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      return lines.map(take).filter((one) => one !== undefined);
    },
  };
}

async function spoken<T>(next: Promise<T>): Promise<T> {
  const silent = Promise.withResolvers<never>();
  const timer = setTimeout(() => silent.reject(new TypeError("the server has fallen silent")), SILENCE_MS);
  try {
    return await Promise.race([next, silent.promise]);
  } finally {
    clearTimeout(timer);
    next.catch(() => undefined); // nobody waits for it any more
  }
}
