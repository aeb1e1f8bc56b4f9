// A server in a process of its own, to be killed: `node server-process.mjs PORT SETTINGS`, where the settings
// are JSON. Says its address.
import { createServer } from "@s2kit/server-lite";

const [port, settings] = process.argv.slice(2);
const server = createServer({ port: Number(port), ...JSON.parse(settings) });
const { url } = await server.listen();
console.log(url);
