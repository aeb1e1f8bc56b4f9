// Snippets of the client's README: run against a real server by test/readme.test.ts, and compared with what
// the README shows. Each region is one snippet.

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  AppendInput,
  AppendRecord,
  FencingTokenMismatchError,
  S2,
  S2Error,
  SeqNumMismatchError,
} from "@s2kit/client";
import { createHandlerTransport } from "@s2kit/client/in-process";
import { toNodeReadable, toNodeWritable } from "@s2kit/client/node-streams";
import { createServer } from "@s2kit/server-lite";

export async function quickstart(url: string): Promise<void> {
  // #region quickstart
  // One address for account and basins, as a server of one's own has: S2Endpoints.forEndpoint(url).
  const s2 = new S2({ accessToken: "my-token", endpoints: url });

  await s2.basins.ensure({ basin: "my-first-basin" });
  const basin = s2.basin("my-first-basin");
  await basin.streams.ensure({ stream: "greetings/en" });
  const stream = basin.stream("greetings/en");

  const ack = await stream.append([{ body: "hello" }]);
  console.log(`durable at ${ack.start.seqNum}`);

  const { records } = await stream.read({ start: { from: { seqNum: 0 } } });
  for (const record of records) console.log(record.seqNum, record.body);

  await s2.close();
  // #endregion
}

export async function sessions(s2: S2): Promise<void> {
  const stream = s2.basin("my-first-basin").stream("sessions");
  // #region append-session
  await using session = await stream.appendSession({ maxInflightBytes: 5 * 1024 * 1024 });

  // Resolves when there is room for the batch; the order of appends is the order of calls.
  const ticket = await session.submit(
    AppendInput.create([
      AppendRecord.string({ body: "first" }),
      AppendRecord.string({ body: "second" }),
    ]),
  );
  // Resolves when the batch is durable.
  const { start, end } = await ticket.ack();
  console.log(`records ${start.seqNum} to ${end.seqNum - 1}`);
  // #endregion
  await session.close();

  // #region read-session
  const reader = await stream.readSession({ start: { from: { tailOffset: 10 } } });
  reader.caughtUp().then(
    (tail) => console.log(`caught up at ${tail.seqNum}`),
    () => undefined, // the session ended before
  );
  for await (const record of reader) {
    console.log(record.seqNum, record.body);
    // A checkpoint: where to go on after a restart.
    const next = reader.nextReadPosition();
    if (next?.seqNum === end.seqNum) break; // leaving the loop cancels the session
  }
  // #endregion
}

/** What a page's EventSource is given. */
export async function ticket(s2: S2): Promise<string> {
  // #region read-ticket
  const { url, expiresAt } = await s2.basin("my-first-basin").streams.issueReadTicket({
    stream: "greetings/en",
    read: { start: { from: { seqNum: 0 } } },
    expiresInSecs: 300,
  });
  console.log(`until ${expiresAt.toISOString()} a page may open new EventSource(url)`);
  // #endregion
  return url;
}

export async function conditions(s2: S2): Promise<string> {
  const stream = s2.basin("my-first-basin").stream("conditions");
  await stream.append(AppendInput.create([AppendRecord.string({ body: "taken" })]));
  let told = "";
  // #region errors
  try {
    const records = [AppendRecord.string({ body: "only as the first record" })];
    await stream.append(AppendInput.create(records, { matchSeqNum: 0 }));
  } catch (error) {
    if (error instanceof SeqNumMismatchError) told = `the next record is ${error.expectedSeqNum}`;
    else if (error instanceof FencingTokenMismatchError) told = "another writer took over";
    else if (error instanceof S2Error) told = `${error.code} after ${error.attempts} attempts`;
    else throw error;
  }
  // #endregion
  return told;
}

export async function inProcess(): Promise<number> {
  // #region in-process
  const server = createServer();
  await server.open();
  const s2 = new S2(
    { accessToken: "any", endpoints: { account: "http://in.process", basin: "http://in.process" } },
    { carrier: createHandlerTransport((request) => server.fetch(request)) },
  );
  // #endregion
  await s2.basins.create({ basin: "my-test-basin", config: { createStreamOnAppend: true } });
  const stream = s2.basin("my-test-basin").stream("s");
  await stream.append(AppendInput.create([AppendRecord.string({ body: "x" })]));
  const { tail } = await stream.checkTail();
  await s2.close();
  await server.close();
  return tail.seqNum;
}

export async function nodeStreams(s2: S2): Promise<string[]> {
  const stream = s2.basin("my-first-basin").stream("node-streams");
  const lines: string[] = [];
  // #region node-streams
  const session = await stream.appendSession();
  await pipeline(
    Readable.from(["one", "two"]).map((body: string) =>
      AppendInput.create([AppendRecord.string({ body })]),
    ),
    toNodeWritable(session),
  ); // the session is closed and everything is durable

  const reader = await stream.readToTail();
  for await (const record of toNodeReadable(reader)) lines.push(record.body);
  // #endregion
  return lines;
}
