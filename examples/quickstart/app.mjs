import { S2, S2Environment } from "@s2kit/client";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "my-first-basin", config: { createStreamOnAppend: true } });
const stream = s2.basin("my-first-basin").stream("greetings");

const ack = await stream.append([{ body: "hello" }, { body: "world" }]);
console.log(`durable: records ${ack.start.seqNum} to ${ack.end.seqNum - 1}`);

// Everything that is there, then whatever comes; here we leave after two.
for await (const record of await stream.readSession({ start: { from: { seqNum: 0 } } })) {
  console.log(record.seqNum, record.body);
  if (record.seqNum === 1) break;
}
await s2.close();
