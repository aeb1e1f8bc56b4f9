// Streams created one by one by 16 callers over HTTP/1.1, then appends that go round through ten
// thousand streams: what an application with a stream for each session or user does.

import { HEADER_BASIN } from "@s2kit/core";
import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns } from "../bench.ts";
import { type Compared, compared } from "../figure.ts";
import { COUNTER } from "../load/post-writer.ts";
import { startRole } from "../role.ts";
import type { LoadRound } from "../roles/frame-load.ts";
import type { PostLoadRole } from "../roles/post-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const CALLERS = 16;
const STREAMS = 10_000;
const HEADERS = { [HEADER_BASIN]: BASIN };

export const creation: Benchmark = {
  name: "creation",
  title: `Streams created one by one, ${CALLERS} callers; appends round ${STREAMS} streams`,
  async run(options) {
    await using target = await startServer(options);
    const { peer } = target;
    const creating = async (url: string) =>
      startRole<PostLoadRole>("post-load", {
        url,
        path: "/v1/streams",
        headers: HEADERS,
        body: JSON.stringify({ stream: `created-${COUNTER}` }),
        writers: CALLERS,
      });
    const roundTrip = async (url: string) =>
      startRole<PostLoadRole>("post-load", {
        url,
        path: `/v1/streams/many-${COUNTER}/records`,
        headers: HEADERS,
        body: JSON.stringify({ records: [{ body: "a".repeat(150) }] }),
        writers: CALLERS,
        counters: options.roundMs < 100 ? 100 : STREAMS,
      });
    await using ours = await creating(target.url);
    await using theirs = peer && (await creating(peer.url));
    await using oursMany = await roundTrip(target.url);
    await using theirsMany = peer && (await roundTrip(peer.url));
    const { roundMs } = options;
    const results = await inTurns(options, {
      ours: () => watched(target.server, () => ours.call.run(roundMs)),
      peer: peer && theirs && (() => watched(peer.server, () => theirs.call.run(roundMs))),
      oursMany: () => watched(target.server, () => oursMany.call.run(roundMs)),
      peerMany:
        peer && theirsMany && (() => watched(peer.server, () => theirsMany.call.run(roundMs))),
    });
    const figureOf = (
      of: (round: Spent<LoadRound>) => number,
      kind: "" | "Many" = "",
    ): Pick<Compared, "ours" | "peers"> => ({
      ours: results[`ours${kind}`].map(of),
      peers: [{ name: PEER_NAME, rounds: results[`peer${kind}`].map(of) }],
    });
    return [
      compared({ name: "streams created", unit: "/s", better: "more", ...figureOf(perSec) }),
      compared({
        name: "processor time of a creation",
        unit: "µs",
        better: "less",
        ...figureOf(micros),
        goal: { of: "value", relation: "<=", bound: 60 },
      }),
      compared({
        name: "appends, another stream each time",
        unit: "/s",
        better: "more",
        ...figureOf(perSec, "Many"),
      }),
      compared({
        name: "processor time of such an append",
        unit: "µs",
        better: "less",
        ...figureOf(micros, "Many"),
      }),
    ];
  },
};

function perSec({ acks, seconds }: LoadRound): number {
  return acks / seconds;
}

function micros({ acks, cpuMicros }: Spent<LoadRound>): number {
  return cpuMicros / acks;
}
