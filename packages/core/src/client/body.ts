/**
 * The bytes of a call that takes a file. Text, bytes and blobs (a `File`, `openAsBlob` of Node) can be sent once more; streams are sent once.
 */
export type ClientBody = string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** A body that can be sent as often as needed, or a stream that cannot. */
export type Sendable =
  | { readonly kind: "blob"; readonly blob: Blob }
  | { readonly kind: "stream"; readonly stream: ReadableStream<Uint8Array> };

/** Bodies of all sorts as one of two. */
export function sendable(body: ClientBody): Sendable {
  if (body instanceof Blob) return { kind: "blob", blob: body };
  // A copy, since the caller may go on with its own bytes.
  if (typeof body === "string" || body instanceof Uint8Array)
    return { kind: "blob", blob: new Blob([typeof body === "string" ? body : new Uint8Array(body)]) };
  return { kind: "stream", stream: body instanceof ReadableStream ? body : ReadableStream.from(body) };
}

/** The name of a file that a body brings with it. */
export function nameOf(body: ClientBody): string | undefined {
  return body instanceof Blob && "name" in body && typeof body.name === "string" ? body.name : undefined;
}

/** `Content-Disposition` of a file's name, whatever its letters. */
export function dispositionOf(fileName: string): string {
  return `attachment; filename*=UTF-8''${encodeURIComponent(fileName).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`;
}

/** The stream, with somebody who is told how many bytes have been taken from it. */
export function counted(stream: ReadableStream<Uint8Array>, tell: (bytes: number) => void): ReadableStream<Uint8Array> {
  let bytes = 0;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        tell(bytes);
        controller.enqueue(chunk);
      },
    }),
  );
}

/** Below this, packing costs more than it saves. */
const PACKED_FROM_CHARACTERS = 4_096;

/** A JSON body, packed where that pays. */
export async function jsonBody(value: unknown): Promise<{ readonly body: Blob; readonly headers: Readonly<Record<string, string>> }> {
  const text = JSON.stringify(value);
  const headers = { "content-type": "application/json" };
  const plain = new Blob([text]);
  if (text.length < PACKED_FROM_CHARACTERS) return { body: plain, headers };
  const packed = plain.stream().pipeThrough(new CompressionStream("gzip"));
  return { body: await new Response(packed).blob(), headers: { ...headers, "content-encoding": "gzip" } };
}
