// Unary JSON appends per second: 100 writers in a closed loop over HTTP/1.1 keep-alive, one record of
// 1 KiB each, beside raw `node:http` that echoes the same body.

import { HEADER_BASIN } from "@s2kit/core";
import { BASIN, type Benchmark, inTurns, startServer } from "../bench.ts";
import { compared, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { EchoServerRole } from "../roles/echo-server.ts";
import type { LoadRound } from "../roles/frame-load.ts";
import type { PostLoadRole } from "../roles/post-load.ts";
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

    const { roundMs } = options;
    const results = await inTurns(options, {
      ours: () => watched(target.server, () => ours.call.run(roundMs)),
      echo: () => watched(echo.call, () => reference.call.run(roundMs)),
    });
    const latency = median(results.ours.map(({ p50Micros }) => p50Micros)) / 1000;
    return [
      compared(
        "unary JSON appends",
        "/s",
        results.ours.map(perSec),
        { name: "node:http POST echo", rounds: results.echo.map(perSec) },
        { of: "ratio", relation: ">=", bound: 0.5 },
        `p50 ${latency.toFixed(2)} ms`,
      ),
      compared("server processor time", "µs/append", results.ours.map(microsPerAppend), {
        name: "of the echo",
        rounds: results.echo.map(microsPerAppend),
      }),
    ];
  },
};

function microsPerAppend({ cpuMicros, acks }: Spent<LoadRound>): number {
  return cpuMicros / acks;
}

function perSec({ acks, seconds }: LoadRound): number {
  return acks / seconds;
}
