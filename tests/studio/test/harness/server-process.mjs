// A server in a process of its own, to be killed: `node server-process.mjs DIRECTORY PORT`. Says its address.
import { createServer } from "@s2kit/server-lite";

const [directory, port] = process.argv.slice(2);
const server = createServer({
  port: Number(port),
  storage: { kind: "disk", directory, takeOver: true },
});
const { url } = await server.listen();
console.log(url);
