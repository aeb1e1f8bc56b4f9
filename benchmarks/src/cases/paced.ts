// Latency at half of what a server can take, requests due at a steady rate: a closed loop sends less
// while it waits, and so hides the waits (coordinated omission).

import { HEADER_BASIN } from "@s2kit/core";
import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns } from "../bench.ts";
import { type Compared, compared } from "../figure.ts";
import { startRole } from "../role.ts";
import type { LoadRound } from "../roles/frame-load.ts";
import type { PostLoadRole } from "../roles/post-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";

const WRITERS = 100;
const SHARE = 0.5;

export const paced: Benchmark = {
  name: "paced",
  title: "Unary JSON appends at half of our saturation, due at a steady rate",
  async run(options) {
    await using target = await startServer(options);
    const loadOf = async (url: string) =>
      startRole<PostLoadRole>("post-load", {
        url,
        path: "/v1/streams/paced/records",
        headers: { [HEADER_BASIN]: BASIN },
        body: JSON.stringify({ records: [{ body: "a".repeat(1024) }] }),
        writers: WRITERS,
      });
    await using ours = await loadOf(target.url);
    const { peer } = target;
    await using theirs = peer && (await loadOf(peer.url));
    await ours.call.run(options.roundMs);
    const { acks, seconds } = await ours.call.run(options.roundMs);
    const load = { ms: options.roundMs, perSec: Math.max(1, (SHARE * acks) / seconds) };
    const results = await inTurns(options, {
      ours: () => ours.call.runPaced(load),
      peer: theirs && (() => theirs.call.runPaced(load)),
    });
    const figureOf = (of: (round: LoadRound) => number): Pick<Compared, "ours" | "peers"> => ({
      ours: results.ours.map(of),
      peers: [{ name: PEER_NAME, rounds: results.peer.map(of) }],
    });
    return [
      compared({
        name: "p50 from due to answered",
        unit: "ms",
        better: "less",
        ...figureOf(({ p50Micros }) => p50Micros / 1000),
        note: `${load.perSec.toFixed(0)} requests a second`,
      }),
      compared({
        name: "p99 from due to answered",
        unit: "ms",
        better: "less",
        ...figureOf(({ p99Micros }) => p99Micros / 1000),
      }),
    ];
  },
};
