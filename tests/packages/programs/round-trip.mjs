// A stranger's first program in ES modules: a server, a client, a producer, and what core offers.

import { S2 } from "@s2kit/client";
import { toNodeReadable } from "@s2kit/client/node-streams";
import { S2 as OfficialS2 } from "@s2kit/client/streamstore";
import { S2Error } from "@s2kit/core";
import { streamConfigToJson } from "@s2kit/core/control";
import { parseDurationSecs } from "@s2kit/core/declarative";
import { scanAppendInput } from "@s2kit/core/server";
import { createSseParser } from "@s2kit/core/sse";
import { Producer } from "@s2kit/producer";
import { MessageWriter } from "@s2kit/producer/patterns";
import { Producer as OfficialProducer } from "@s2kit/producer/streamstore";
import { createServer } from "@s2kit/server-lite";

const faces = [toNodeReadable, OfficialS2, parseDurationSecs, scanAppendInput, createSseParser];
faces.push(streamConfigToJson, MessageWriter, OfficialProducer);
if (faces.some((each) => typeof each !== "function")) throw new Error("a face is empty");

const server = createServer({ port: 0 });
const { url } = await server.listen();
const s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
await s2.basins.create({ basin: "strange-basin", config: { createStreamOnAppend: true } });
const stream = s2.basin("strange-basin").stream("first");

const producer = new Producer(await stream.appendSession());
for (const body of ["one", "two", "three"]) await producer.submit({ body });
await producer.close();

const bodies = [];
for await (const { body } of await stream.readSession({
  start: { from: { seqNum: 0 } },
  stop: { limits: { count: 3 } },
}))
  bodies.push(body);
const refused = await s2.basins.create({ basin: "x" }).catch((error) => error);
if (!(refused instanceof S2Error)) throw new Error("an error of another class");
// What is loaded when it is asked for first.
for (const path of ["/health", "/metrics", "/openapi.json", "/studio"]) {
  const { status } = await fetch(url + path);
  if (status !== 200) throw new Error(`${path} is ${status}`);
}
await s2.close();
await server.close();
console.log(`read ${bodies.join(",")}`);
