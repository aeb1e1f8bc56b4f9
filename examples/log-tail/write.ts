// Writes each line of standard input as a record: `node write.ts < app.log`. Ends when all of it is durable.

import { createInterface } from "node:readline";
import { AppendRecord, S2, S2Environment } from "@s2kit/client";
import { Producer } from "@s2kit/producer";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "example-logs", config: { createStreamOnAppend: true } });
const stream = s2.basin("example-logs").stream("app");

// #region write
const producer = new Producer(await stream.appendSession(), { lingerDurationMillis: 20 });
let written = 0;
for await (const line of createInterface({ input: process.stdin })) {
  // Waits when too much is unacknowledged: memory stays bounded, however long the log is.
  await producer.submit(AppendRecord.string({ body: line }));
  written += 1;
}
await producer.close(); // everything is durable
// #endregion
console.log(`${written} lines written`);
await s2.close();
