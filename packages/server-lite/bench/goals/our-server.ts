// Our server as it is shipped, in a process of its own, on the storage that it is told: `our-server.ts STORAGE`. Says its
// URL; the AWS variables are its environment's.

import { createServer, type StorageSettings } from "@s2kit/server-lite";

const storage = JSON.parse(process.argv[2] ?? "") as StorageSettings;
const server = createServer({ port: 0, storage });
const { url } = await server.listen();
process.stdout.write(`${url}\n`);
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
