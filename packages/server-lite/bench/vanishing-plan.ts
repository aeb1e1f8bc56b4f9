// Which clients vanish, and how: drawn from a seed, so that a run can be repeated. And the steps of one.

import { type Random, randomInteger } from "@s2kit/core";
import { frame, TYPE } from "../test/hostile/support/h2-frames.js";
import { inputFrame } from "../test/support/s2s-client.js";
import { Peer } from "../test/vanish/peer.js";
import { bytesOf, type Kind, READS, UPLOADS } from "../test/vanish/requests.js";
import type { Plan, Ports } from "./vanishing-protocol.js";

const KINDS: readonly Kind[] = [...UPLOADS, ...READS];
const WIRES = ["h1", "h2", "websocket"] as const;
const WAYS = ["reset", "exit", "fin", "half"] as const;
/** Most bodies are small; some are large enough to matter when they stay. */
const LARGE_SHARE = 0.1;
const LARGE_BYTES = 900_000;

export function drawPlan(random: Random): Plan {
  const wire = WIRES[randomInteger(random, 0, WIRES.length - 1)] as Plan["wire"];
  const candidates = KINDS.flatMap(({ mode }, index) =>
    wire !== "websocket" || mode !== undefined ? [index] : [],
  );
  const kind = candidates[randomInteger(random, 0, candidates.length - 1)] as number;
  const isTls = wire !== "websocket" && random.next() < 0.25;
  // A session may be silent for hours: its client has not vanished.
  const maySulk = wire === "h1" && !isTls && KINDS[kind]?.mode !== "append";
  const own: readonly Plan["way"][] =
    wire === "h2" ? ["stream", "goaway"] : maySulk ? ["silent"] : [];
  const ways = [...WAYS, ...WAYS, ...own];
  return {
    wire,
    isTls,
    kind,
    bodyBytes: random.next() < LARGE_SHARE ? randomInteger(random, 1, LARGE_BYTES) : 50,
    cut: random.next() < 0.2 ? 1 : random.next(),
    way: ways[randomInteger(random, 0, ways.length - 1)] as Plan["way"],
  };
}

/** Sends what the plan says; the peer is there, and about to vanish. */
export async function arrive(plan: Plan, ports: Ports): Promise<Peer> {
  const alpn = plan.isTls ? (plan.wire === "h2" ? "h2" : "http/1.1") : undefined;
  const peer = await Peer.open({ port: plan.isTls ? ports.tls : ports.plain, alpn });
  const bytes = bytesOf(requestOf(plan), plan.wire);
  // A silent client may not have finished its request: an answered one may stay for a while.
  const length = plan.way === "silent" ? Math.min(bytes.length - 1, 150) : bytes.length;
  await peer.send(bytes.subarray(0, Math.floor(length * plan.cut)));
  return peer;
}

/** @returns what is left to be closed by the server's own clock */
export async function leave(plan: Plan, peer: Peer): Promise<Peer | undefined> {
  if (plan.way === "silent") return peer;
  if (plan.way === "stream") await peer.send(frame(TYPE.reset, 0, 1, Buffer.from([0, 0, 0, 8])));
  if (plan.way === "goaway") await peer.send(frame(TYPE.goaway, 0, 0, Buffer.alloc(8)));
  const isOwnWay = plan.way === "stream" || plan.way === "goaway";
  peer.vanish(isOwnWay ? "fin" : plan.way);
  return plan.way === "half" ? peer : undefined;
}

/** The request of a plan; frames of HTTP/2 carry 1 MiB at most here, so bodies stay below. */
function requestOf({ kind, bodyBytes }: Plan): Kind {
  const request = KINDS[kind] as Kind;
  const text = "x".repeat(bodyBytes);
  if (request.body === undefined) return request;
  if (request.mode === "append") return { ...request, body: inputFrame([text]) };
  if (request.method === "PUT") return request;
  return { ...request, body: Buffer.from(JSON.stringify({ records: [{ body: text }] })) };
}
