// A server in a process of its own, for tests that end it: started with a folder, it sends its address.
import { startServer } from "./serve.ts";

const server = await startServer({ folder: process.argv[2] ?? "", port: 0, toolVersion: "0.0.0" });
process.send?.(server.address);
process.once("SIGTERM", () => void server.close().then(() => process.disconnect()));
