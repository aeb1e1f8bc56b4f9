import { S2 } from "@s2kit/client";
import { createServer } from "@s2kit/server-lite";

const server = createServer({ port: 0, storage: { kind: "disk", directory: "data" } });
const { url } = await server.listen();

const s2 = new S2({ accessToken: "any", endpoints: url });
await s2.basins.ensure({ basin: "my-first-basin", config: { createStreamOnAppend: true } });
const stream = s2.basin("my-first-basin").stream("greetings");
await stream.append([{ body: "hello" }]); // on the disk
const { records } = await stream.read({ start: { from: { seqNum: 0 } } });
console.log(records.map(({ body }) => body));

await s2.close();
await server.close(); // drains: what was accepted is finished
