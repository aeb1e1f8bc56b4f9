// Snippets of the producer's README: run against a real server by test/readme.test.ts, and compared with
// what the README shows. Each region is one snippet.

import { AppendRecord, type S2 } from "@s2kit/client";
import { BatchTransform, Producer } from "@s2kit/producer";
import {
  type DroppedRecords,
  jsonCodec,
  MessageWriter,
  readMessages,
} from "@s2kit/producer/patterns";

export async function produce(s2: S2): Promise<number> {
  const stream = s2.basin("my-first-basin").stream("produced");
  // #region producer
  const producer = new Producer(await stream.appendSession(), { lingerDurationMillis: 5 });

  // Resolves when there is room; the record joins the open batch.
  const ticket = await producer.submit(AppendRecord.string({ body: "hello" }));
  // Resolves when the record is durable.
  const seqNum = (await ticket.ack()).seqNum();

  await producer.flush(); // everything submitted before is durable
  await producer.close(); // the same, and closes the session
  // #endregion
  return seqNum;
}

export async function pipe(s2: S2, lines: ReadableStream<string>): Promise<void> {
  const stream = s2.basin("my-first-basin").stream("piped");
  // #region web-streams
  const toRecord = new TransformStream<string, AppendRecord>({
    transform: (line, controller) => controller.enqueue(AppendRecord.string({ body: line })),
  });
  const session = await stream.appendSession();
  await lines
    .pipeThrough(toRecord)
    .pipeThrough(new BatchTransform({ maxBatchRecords: 100 }))
    .pipeTo(session.writable); // closes the session: everything is durable
  // #endregion
}

interface Order {
  readonly id: number;
  readonly items: readonly string[];
}

export async function messages(s2: S2): Promise<Order[]> {
  const stream = s2.basin("my-first-basin").stream("orders");
  const seen: Order[] = [];
  // #region messages
  const codec = jsonCodec<Order>();

  const session = await stream.appendSession();
  const orders = new MessageWriter(session, codec);
  await orders.write({ id: 1, items: ["tea", "cup"] }); // of any size: cut into records as needed
  await session.close();

  const reader = await stream.readToTail({}, { as: "bytes" });
  const onDropped = (dropped: DroppedRecords) => console.warn("no message:", dropped);
  for await (const received of readMessages(reader, codec, { onDropped })) {
    seen.push(received.message);
    // Where to go on after a restart: start the next session at its seqNum, and pass it as an option.
    console.log("handled up to", JSON.stringify(received.checkpoint()));
  }
  // #endregion
  return seen;
}
