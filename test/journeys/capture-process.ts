import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { openWorkspace } from "../../packages/core/src/workspace.ts";

// The process that is killed: captures from several callers at once, and keeps every id that was acknowledged in a file, fsynced before the next.

const [, , root = "", log = ""] = process.argv;
const workspace = await openWorkspace(root, { toolVersion: "0.0.0" });
const room = await workspace.capture();
const file = openSync(log, "a", 0o600);
process.stdout.write("begun\n");
let made = 0;

await Promise.all(
  Array.from({ length: 12 }, async () => {
    for (;;) {
      const events = Array.from({ length: 80 }, (_, i) => {
        const id = workspace.newId();
        if (i % 5 === 4)
          return { id, event: { kind: "signal", signal: { id, kind: "feedback", action: "like", at: new Date().toISOString() } } };
        const text = `Bed ${process.pid}-${++made} is sown by ana@example.org.`;
        return { id, event: { kind: "example", example: { kind: "text", id, text }, dataset: "Beds" } };
      });
      const { accepted } = await room.take(
        events.map(({ event }) => event),
        { actor: "key:drill" },
      );
      if (accepted !== events.length) throw new Error(`${accepted} of ${events.length} were accepted`);
      writeSync(file, events.map(({ id }) => `${id}\n`).join(""));
      fsyncSync(file);
    }
  }),
);
closeSync(file);
