// A server of streams in a process of its own, to be killed: `node s2-server.mjs DIRECTORY PORT`. Says its address.
import { createServer } from "@s2kit/server-lite";

const [directory, port] = process.argv.slice(2);
const storage = { kind: "disk", directory, takeOver: true };
const { url } = await createServer({ port: Number(port), storage }).listen();
console.log(url);
