/** One server-sent event, its data parsed. */
export interface HeardEvent {
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
  readonly data: any;
}

/** Reads server-sent events as they come, to the end of the answer; whoever stops reading leaves. */
export async function* eventsOf(response: Response): AsyncGenerator<HeardEvent> {
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const of = (name: string): string | undefined => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = of("event");
      if (event !== undefined) yield { event, data: JSON.parse(of("data") ?? "{}") };
    }
  }
}
