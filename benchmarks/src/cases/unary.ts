// Unary JSON appends per second: 100 writers in a closed loop over HTTP/1.1 keep-alive, one record of
// 1 KiB each, beside raw `node:http` that echoes the same body.

import { HEADER_BASIN } from "@s2kit/core";
import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns } from "../bench.ts";
import { type Compared, compared } from "../figure.ts";
import { startRole } from "../role.ts";
import type { EchoServerRole } from "../roles/echo-server.ts";
import type { LoadRound } from "../roles/frame-load.ts";
import type { PostLoadRole } from "../roles/post-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const WRITERS = 100;
const BODY = JSON.stringify({ records: [{ body: "a".repeat(1024) }] });

export const unary: Benchmark = {
  name: "unary",
  title: "Unary JSON appends, 100 closed-loop writers, HTTP/1.1 keep-alive",
  async run(options) {
    await using target = await startServer(options);
    await using echo = await startRole<EchoServerRole>("echo-server", {});
    const loadOf = async (url: string) =>
      startRole<PostLoadRole>("post-load", {
        url,
        path: "/v1/streams/unary/records",
        headers: { [HEADER_BASIN]: BASIN },
        body: BODY,
        writers: WRITERS,
      });
    await using ours = await loadOf(target.url);
    await using reference = await loadOf(await echo.call.url(undefined));
    const { peer } = target;
    await using theirs = peer && (await loadOf(peer.url));

    const { roundMs } = options;
    const results = await inTurns(options, {
      ours: () => watched(target.server, () => ours.call.run(roundMs)),
      echo: () => watched(echo.call, () => reference.call.run(roundMs)),
      peer: peer && theirs && (() => watched(peer.server, () => theirs.call.run(roundMs))),
    });
    const figureOf = (
      of: (round: Spent<LoadRound>) => number,
    ): Pick<Compared, "ours" | "peers"> => ({
      ours: results.ours.map(of),
      peers: [{ name: PEER_NAME, rounds: results.peer.map(of) }],
    });
    return [
      compared({
        name: "unary JSON appends",
        unit: "/s",
        better: "more",
        ...figureOf(perSec),
        reference: { name: "node:http POST echo", rounds: results.echo.map(perSec) },
        goal: { of: "ratio", relation: ">=", bound: 0.6 },
      }),
      compared({
        name: "server processor time",
        unit: "µs/append",
        better: "less",
        ...figureOf(microsPerAppend),
        reference: { name: "the echo", rounds: results.echo.map(microsPerAppend) },
      }),
      compared({ name: "p50", unit: "ms", better: "less", ...figureOf(p50Millis) }),
      compared({ name: "p99", unit: "ms", better: "less", ...figureOf(p99Millis) }),
    ];
  },
};

function microsPerAppend({ cpuMicros, acks }: Spent<LoadRound>): number {
  return cpuMicros / acks;
}

function perSec({ acks, seconds }: LoadRound): number {
  return acks / seconds;
}

function p50Millis({ p50Micros }: LoadRound): number {
  return p50Micros / 1000;
}

function p99Millis({ p99Micros }: LoadRound): number {
  return p99Micros / 1000;
}
