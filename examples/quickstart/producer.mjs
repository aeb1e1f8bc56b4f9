import { AppendRecord, S2, S2Environment } from "@s2kit/client";
import { Producer } from "@s2kit/producer";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "my-first-basin", config: { createStreamOnAppend: true } });
const stream = s2.basin("my-first-basin").stream("produced");

const producer = new Producer(await stream.appendSession());
for (let i = 0; i < 10_000; i++)
  await producer.submit(AppendRecord.string({ body: `record ${i}` })); // waits for room, not for acks
await producer.close(); // everything is durable

const { tail } = await stream.checkTail();
console.log(`${tail.seqNum} records are durable`);
await s2.close();
