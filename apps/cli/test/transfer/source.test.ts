// Reading a source for export and cp: a hole is believed only after the server was asked for it. The
// server here is real, in the same process; some of its sessions are made to start too late, as a read
// that loses records does.

import { AppendInput, AppendRecord, S2, type S2Stream } from "@s2kit/client";
import { createHandlerTransport } from "@s2kit/client/in-process";
import { createServer } from "@s2kit/server-lite";
import { expect, it } from "vitest";
import { partsFrom, type SourcePart } from "../../src/transfer/source-stream.js";

/** A stream of five records, whose read sessions start at `sessionStart` whatever they ask for. */
async function withStream(
  sessionStart: number | undefined,
  use: (stream: S2Stream) => Promise<void>,
): Promise<void> {
  const server = createServer({});
  await server.open();
  const handler = (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const isSession = url.searchParams.has("seq_num") && !url.searchParams.has("count");
    if (sessionStart === undefined || !isSession) return server.fetch(request);
    url.searchParams.set("seq_num", String(sessionStart));
    return server.fetch(new Request(url, request));
  };
  const endpoints = { account: "http://in.process", basin: "http://in.process" };
  const s2 = new S2(
    { accessToken: "any", endpoints },
    { carrier: createHandlerTransport(handler) },
  );
  try {
    await s2.basins.create({ basin: "source-basin" });
    const basin = s2.basin("source-basin");
    await basin.streams.create({ stream: "source" });
    const stream = basin.stream("source");
    const records = ["a", "b", "c", "d", "e"].map((body) => AppendRecord.string({ body }));
    await stream.append(AppendInput.create(records));
    await use(stream);
  } finally {
    await s2.close();
    await server.close();
  }
}

async function partsOf(stream: S2Stream, start: number): Promise<SourcePart[]> {
  const parts: SourcePart[] = [];
  const interrupt = new AbortController().signal;
  for await (const part of partsFrom(stream, start, { follows: false, interrupt }))
    parts.push(part);
  return parts;
}

it("takes records that are missing but not trimmed for a fault of the read", async () => {
  await withStream(3, async (stream) => {
    await expect(partsOf(stream, 0)).rejects.toThrow("not contiguous expected=0 received=3");
  });
  // Repeats are no better.
  await withStream(0, async (stream) => {
    await expect(partsOf(stream, 2)).rejects.toThrow("not contiguous expected=2 received=0");
  });
});

it("takes records that are missing and trimmed for a gap, at the tail too", async () => {
  await withStream(undefined, async (stream) => {
    const [part] = await partsOf(stream, 1);
    expect([part?.gap, part?.records.length, part?.nextSeqNum]).toEqual([undefined, 4, 5]);
    await stream.trim(3);
    await expect
      .poll(async () => (await partsOf(stream, 1))[0]?.gap, { timeout: 15_000 })
      .toEqual({ from: 1, to: 3 });
    await stream.trim(7);
    await expect
      .poll(() => partsOf(stream, 1), { timeout: 15_000 })
      .toEqual([{ records: [], nextSeqNum: 7, gap: { from: 1, to: 7 } }]);
  });
});

it("refuses to go on behind the tail", async () => {
  await withStream(undefined, async (stream) => {
    await expect(partsOf(stream, 6)).rejects.toThrow(
      "ends before the place to go on tail=5 next=6",
    );
    expect(await partsOf(stream, 5)).toEqual([]);
  });
});
