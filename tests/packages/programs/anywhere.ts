// What compiles in a page as in Node: every face that needs no Node.

import * as client from "@s2kit/client";
import * as inProcess from "@s2kit/client/in-process";
import type { AppendSession, ReadSession } from "@s2kit/client/streamstore";
import * as official from "@s2kit/client/streamstore";
import * as core from "@s2kit/core";
import * as control from "@s2kit/core/control";
import * as declarative from "@s2kit/core/declarative";
import * as server from "@s2kit/core/server";
import * as sse from "@s2kit/core/sse";
import * as producer from "@s2kit/producer";
import * as patterns from "@s2kit/producer/patterns";
import * as officialProducer from "@s2kit/producer/streamstore";
import * as officialPatterns from "@s2kit/producer/streamstore-patterns";

export const faces = [inProcess, control, declarative, server, sse, patterns, officialProducer];
export const more = [officialPatterns, official, producer];

export async function use(reads: ReadSession, appends: AppendSession): Promise<string[]> {
  const s2 = new client.S2({ accessToken: "any" });
  const bodies: string[] = [];
  for await (const record of reads) bodies.push(record.body);
  for await (const ack of appends.acks()) bodies.push(ack.end.seqNum.toFixed());
  const error: client.S2Error | undefined = new core.S2Error({ code: "ABORTED", message: "x" });
  await s2.close();
  return [...bodies, error.code];
}
