// The server of a benchmark, in a thread of its own so that it does not share the client's loop.

import { parentPort } from "node:worker_threads";
import { createServer } from "@s2kit/server-lite";

const { url } = await createServer({ port: 0 }).listen();
parentPort?.postMessage(url);
