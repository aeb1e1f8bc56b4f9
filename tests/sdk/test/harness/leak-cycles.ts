// Runs in a process of its own with exposed gc: opens and leaves many sessions, then reports what is left.
// It must end by itself: an idle client keeps no process alive.

import { getEventListeners } from "node:events";
import { AppendRecord, S2 } from "@s2kit/client";
import { Producer } from "@s2kit/producer";

const [url = "", cycles = "0"] = process.argv.slice(2);
const s2 = new S2({ accessToken: "t", endpoints: { account: url, basin: url } });
const controller = new AbortController();
const { signal } = controller;

async function cycle(): Promise<void> {
  const stream = s2.basin("test-basin").stream("leaks");
  const producer = new Producer(await stream.appendSession({}, { signal }), {
    lingerDurationMillis: 0,
  });
  await (await producer.submit(AppendRecord.string({ body: "x" }), { signal })).ack();
  await producer.close();
  const followed = await stream.readSession({ start: { from: { tailOffset: 1 } } }, { signal });
  for await (const record of followed) if (record.body === "x") break;
  const abandoned = await stream.readSession({ start: { from: { seqNum: 0 } } }, { signal });
  await abandoned.cancel();
  await stream.checkTail({ signal });
}

const heap = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

for (let i = 0; i < Number(cycles) / 4; i++) await cycle();
const before = heap();
for (let i = 0; i < Number(cycles); i++) await cycle();
const after = heap();
const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
// Neither closed nor aborted on purpose: the process must end all the same.
console.log(
  JSON.stringify({
    grownBytes: after - before,
    listeners: getEventListeners(signal, "abort").length,
    timers,
  }),
);
