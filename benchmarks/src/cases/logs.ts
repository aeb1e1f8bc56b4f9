// Other servers that keep logs, durable before the answer, under the load that suits all of them: 100
// writers with one append of 256 bytes each outstanding, and one such writer alone. Each speaks its own
// protocol, so that this compares systems, not only their logs.

import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns, streamNames } from "../bench.ts";
import { compared, type Figure, type Rounds } from "../figure.ts";
import { LOG_PEERS } from "../peers/logs.ts";
import { usageOf } from "../peers/process-usage.ts";
import { startRole } from "../role.ts";
import type { FrameLoadRole, LoadRound } from "../roles/frame-load.ts";
import type { SocketLoadRole } from "../roles/socket-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const BODY_BYTES = 256;
const WRITERS = 100;

type Round = () => Promise<Spent<LoadRound>>;

export const logs: Benchmark = {
  name: "logs",
  title: `Durable appends of ${BODY_BYTES} bytes beside other servers that keep logs`,
  async run(options) {
    const many = await roundsOf(options, WRITERS);
    const one = await roundsOf(options, 1);
    return [
      figureOf(`appends, ${WRITERS} writers`, "/s", "more", many, perSec),
      figureOf("server processor time", "µs/append", "less", many, micros),
      figureOf("ack p50, one writer", "ms", "less", one, ({ p50Micros }) => p50Micros / 1000),
    ];
  },
};

interface Measured {
  readonly ours: readonly Spent<LoadRound>[];
  readonly peers: ReadonlyMap<string, readonly Spent<LoadRound>[]>;
}

async function roundsOf(
  options: Parameters<Benchmark["run"]>[0],
  writers: number,
): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const target = stack.use(await startServer({ ...options, storage: "disk" }));
  const framed = async (server: typeof target.peer): Promise<Round | undefined> => {
    if (server === undefined) return undefined;
    const load = await startRole<FrameLoadRole>("frame-load", {
      url: server.url,
      basin: BASIN,
      streams: streamNames(writers),
      connections: Math.min(4, writers),
      records: 1,
      bodyBytes: BODY_BYTES,
      outstanding: 1,
    });
    stack.use(load);
    return () => watched(server.server, () => load.call.run(options.roundMs));
  };
  const sides: Record<string, Round | undefined> = {
    ours: await framed(target),
    [PEER_NAME]: await framed(target.peer),
  };
  for (const peer of options.withPeers ? LOG_PEERS : []) {
    const program = await peer.start(target.scratch);
    if (program === undefined) continue;
    stack.use(program);
    const settings = {
      port: program.port,
      protocol: peer.protocol,
      writers,
      bodyBytes: BODY_BYTES,
    };
    const load = stack.use(await startRole<SocketLoadRole>("socket-load", settings));
    const usage = async () => usageOf(program.pid);
    sides[peer.name] = () => watched({ usage }, () => load.call.run(options.roundMs));
  }
  const { ours = [], ...peers } = await inTurns(options, sides);
  return { ours, peers: new Map(Object.entries(peers)) };
}

function figureOf(
  name: string,
  unit: string,
  better: Figure["better"],
  { ours, peers }: Measured,
  of: (round: Spent<LoadRound>) => number,
): Figure {
  const beside: Rounds[] = [...peers].map(([peer, rounds]) => ({
    name: peer,
    rounds: rounds.map(of),
  }));
  return compared({ name, unit, better, ours: ours.map(of), peers: beside });
}

function perSec({ acks, seconds }: LoadRound): number {
  return acks / seconds;
}

function micros({ acks, cpuMicros }: Spent<LoadRound>): number {
  return cpuMicros / acks;
}
