// Brings one request to the owner of its shard: to this node's own, or over the wire. One that
// turns out not to have it, or is not there, has done nothing: then it is looked for again, while
// there is time.

import type { Clock } from "@s2kit/core";
import { statusOf } from "@s2kit/core";
import type { Exchange } from "../exchange/exchange.js";
import { HEADER_SHARD, type Peers } from "../exchange/peers.js";
import { forward } from "./forward.js";
import { givenBody } from "./given-body.js";
import type { Owners } from "./owners.js";

/** Who tells of the request: the owner within this node has done so. */
export type Passed =
  | { readonly kind: "here" }
  | { readonly kind: "there"; readonly status: number };

export interface PassOnComponents {
  readonly clock: Clock;
  readonly owners: Owners;
  readonly peers: Peers;
}

export interface PassedRequest {
  readonly shard: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Monotonic ms. */
  readonly untilMs: number;
  /** When it was read already, and decoded. */
  readonly body: Uint8Array | undefined;
  /** The client is. */
  readonly gone: AbortSignal;
}

/** @throws {S2Error} `unavailable` when there is no owner, or its answer is not known */
export async function passOn(
  exchange: Exchange,
  { owners, peers }: PassOnComponents,
  { shard, headers, untilMs, body, gone }: PassedRequest,
): Promise<Passed> {
  for (;;) {
    const owner = await owners.find(shard, untilMs, gone);
    if (exchange.isGone) return { kind: "there", status: statusOf("client_hangup") };
    if (owner.kind === "here") {
      await owner.served.serve(body === undefined ? exchange : givenBody(exchange, body));
      return { kind: "here" };
    }
    const outcome = await forward(exchange, peers, {
      url: owner.url,
      head: headOf(exchange, shard, headers, body),
      ...(body === undefined ? {} : { body }),
    });
    if (outcome.kind === "answered") return { kind: "there", status: outcome.status };
    owners.noteWrong(shard, owner.url, untilMs);
  }
}

function headOf(
  { method, path, query }: Exchange,
  shard: number,
  { "content-encoding": encoding, ...headers }: PassedRequest["headers"],
  body: Uint8Array | undefined,
) {
  const hasBody = !["DELETE", "GET", "HEAD"].includes(method);
  const isEncoded = body === undefined && encoding !== undefined;
  return {
    method,
    path: query === "" ? path : `${path}?${query}`,
    headers: {
      ...headers,
      ...(isEncoded ? { "content-encoding": encoding } : {}),
      [HEADER_SHARD]: String(shard),
    },
    hasBody,
  };
}
