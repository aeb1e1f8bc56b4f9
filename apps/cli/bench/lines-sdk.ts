// `cat` through the SDK, as a user of it would write it: lines of a file to records, records to
// lines. Started by acceptance.ts: `lines-sdk.ts append|read URL BASIN STREAM [FILE|COUNT]`.

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { S2 } from "@s2kit/client";
import { Producer } from "@s2kit/producer";

const [, , verb, url = "", basin = "", name = "", last = ""] = process.argv;
const UNACKED_BYTES = 5 * 1024 * 1024;
const LF = 10;

const client = new S2({ accessToken: "bench", endpoints: { account: url, basin: url } });
const stream = client.basin(basin).stream(name);

async function append(): Promise<void> {
  const session = await stream.appendSession({ maxInflightBytes: UNACKED_BYTES });
  const producer = new Producer(session, {
    lingerDurationMillis: 5,
    maxUnackedBytes: UNACKED_BYTES,
  });
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(last, { highWaterMark: 256 * 1024 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      await producer.submit({ headers: [], body: bytes.subarray(start, end) });
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  await producer.close();
}

async function read(): Promise<void> {
  const lineEnd = Buffer.from("\n");
  const session = await stream.readSession(
    { start: { from: { seqNum: 0 } }, stop: { limits: { count: Number(last) } } },
    { as: "bytes" },
  );
  for await (const { records } of session.batches()) {
    const bytes = Buffer.concat(records.flatMap(({ body }) => [body, lineEnd]));
    if (!process.stdout.write(bytes)) await once(process.stdout, "drain");
  }
}

if (verb === "append") await append();
else await read();
await client.close();
