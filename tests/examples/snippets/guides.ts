// Code of the guides, as functions: each region is shown in a page of docs/, and run by test/guides.test.ts.

import {
  AppendInput,
  AppendRecord,
  type S2,
  type S2Stream,
  SeqNumMismatchError,
} from "@s2kit/client";

export async function append(stream: S2Stream): Promise<number> {
  // #region append
  const ack = await stream.append([
    { body: "plain text" },
    {
      body: new Uint8Array([1, 2, 3]),
      headers: [[new TextEncoder().encode("kind"), new TextEncoder().encode("bytes")]],
    },
  ]);
  console.log(`durable: ${ack.start.seqNum} to ${ack.end.seqNum - 1}`);
  // #endregion
  return ack.end.seqNum;
}

export async function once(stream: S2Stream): Promise<string> {
  const { tail } = await stream.checkTail();
  let told = "";
  // #region once
  const input = AppendInput.create([AppendRecord.string({ body: "the third thing" })], {
    matchSeqNum: tail.seqNum,
  });
  try {
    await stream.append(input);
    told = "written";
  } catch (error) {
    if (!(error instanceof SeqNumMismatchError)) throw error;
    // Another writer was first, or an earlier attempt of ours was: read what is there, and decide.
    told = `the next would be ${error.expectedSeqNum}`;
  }
  // #endregion
  return told;
}

export async function ranges(stream: S2Stream): Promise<number[]> {
  const counts: number[] = [];
  // #region ranges
  const first = await stream.read({
    start: { from: { seqNum: 0 } },
    stop: { limits: { count: 10 } },
  });
  const hour = await stream.read({ start: { from: { timestamp: Date.now() - 3_600_000 } } });
  const last = await stream.read({ start: { from: { tailOffset: 5 } } });
  // #endregion
  for (const { records } of [first, hour, last]) counts.push(records.length);
  return counts;
}

export async function follow(
  stream: S2Stream,
  save: (seqNum: number) => Promise<void>,
): Promise<string[]> {
  const seen: string[] = [];
  const checkpoint = 0;
  let isStopping = false;
  const handle = async ({ body }: { body: string }): Promise<void> => {
    seen.push(body);
    isStopping = body === "last";
  };
  // #region follow
  // Goes on by itself after a disconnect, exactly behind what you took.
  const session = await stream.readSession({ start: { from: { seqNum: checkpoint } } });
  for await (const record of session) {
    await handle(record);
    await save(record.seqNum + 1); // where to begin after a restart
    if (session.isCaughtUp()) console.log("up to date");
    if (isStopping) break; // leaving the loop ends the session
  }
  // #endregion
  return seen;
}

export async function encrypted(s2: S2): Promise<string[]> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  // #region encrypted
  await s2.basins.ensure({ basin: "secret-basin", config: { streamCipher: "aegis-256" } });
  const basin = s2.basin("secret-basin");
  await basin.streams.ensure({ stream: "letters" });

  // 32 random bytes, from where you keep secrets: crypto.getRandomValues(new Uint8Array(32)).
  const letters = basin.stream("letters", { encryptionKey: key });
  await letters.append([{ body: "for your eyes only" }]);
  const { records } = await letters.read({ start: { from: { seqNum: 0 } } });
  // #endregion
  return records.map(({ body }) => body);
}

export async function scoped(s2: S2): Promise<string> {
  // #region scoped
  const { accessToken } = await s2.accessTokens.issue({
    id: "dashboard/readers",
    scope: {
      basins: { exact: "events-prod" },
      streams: { prefix: "public/" },
      opGroups: { stream: { read: true } },
    },
    expiresAt: Date.now() + 7 * 24 * 3_600_000,
  });
  // #endregion
  return accessToken;
}

export async function ticket(s2: S2): Promise<string> {
  // #region ticket
  // In your backend, for a page that may read this one stream:
  const { url } = await s2.basin("events-prod").streams.issueReadTicket({
    stream: "public/news",
    read: { start: { from: { seqNum: 0 } } },
    expiresInSecs: 300,
  });
  // #endregion
  return url;
}
