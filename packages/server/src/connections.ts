import type { Socket } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";

const IDLE_LOOK_MS = 100;

/**
 * Closes what would keep the server open: connections whose last answer ends only now, kept for a next request, and those on which nobody
 * has asked anything yet, as browsers open them ahead.
 */
export function leaveIdle({ server }: FastifyInstance, silent: ReadonlySet<Socket>): void {
  const look = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
  server.once("close", () => clearInterval(look));
  for (const socket of silent) socket.destroy();
}

/** Connections on which nobody has asked anything yet. */
export function silentConnections({ server }: FastifyInstance): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  server.on("request", ({ socket }) => silent.delete(socket));
  return silent;
}

/** A sender who goes on after the answer is listened to for a moment, so that the answer is read, and no longer. */
export function leaveInTime({ raw }: FastifyRequest): void {
  const late = setTimeout(() => raw.destroy(), 5_000);
  late.unref();
  for (const event of ["end", "close"]) raw.once(event, () => clearTimeout(late));
  // Read to its end, the connection serves the next request; whoever waited for more of it has been answered.
  if (raw.listenerCount("readable") > 0) raw.removeAllListeners("readable");
  raw.resume();
}
