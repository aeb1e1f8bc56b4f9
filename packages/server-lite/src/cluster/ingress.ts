// What the port of a node does with a request, whoever owns what it is about: finds the shard it
// goes to, and serves it here or passes it on; the owner authorizes. Lists and metrics of the whole
// are put together from those of all shards: complete or an error. Spec: control-plane#routes,
// control-plane#lists.

import { setMaxListeners } from "node:events";
import {
  type Clock,
  decodeUtf8Lossy,
  parseStreamName,
  type RouteMatch,
  S2Error,
  streamPrefixRule,
} from "@s2kit/core";
import { addAutoPrefix, metricsFromJson, metricsToJson } from "@s2kit/core/control";
import { shardOf } from "../backend/catalog/placement.js";
import { basinFor, ticketOf } from "../exchange/event-source.js";
import type { Exchange } from "../exchange/exchange.js";
import { HEADER_PART, type Peers } from "../exchange/peers.js";
import { jsonReply, type Reply } from "../exchange/reply.js";
import { MAX_JSON_BODY_BYTES, nameRangeOf, parseJson, plainBodyOf } from "../exchange/request.js";
import { NO_QUERY } from "../exchange/router.js";
import { type Destination, destinationOf } from "./destination.js";
import { joinedMetrics, joinedPage } from "./joined-answers.js";
import { NODE_PATHS } from "./node-door.js";
import type { Owners } from "./owners.js";
import { type Passed, passOn } from "./pass-on.js";
import { passedHeaders } from "./passed-headers.js";
import type { ServedShards } from "./served-shards.js";
import type { ShardRequests, WholeAnswer } from "./shard-requests.js";

export interface IngressComponents {
  readonly clock: Clock;
  /** Of the store. */
  readonly shards: number;
  readonly owners: Owners;
  readonly served: ServedShards;
  readonly peers: Peers;
  readonly requests: ShardRequests;
  /** Whether requests are asked for tokens, which may put a prefix before names. */
  readonly auth: boolean;
  readonly basinZone: string | undefined;
}

/** A request that was passed on, or an answer that was put together here. */
export type Routed = Passed | { readonly kind: "reply"; readonly reply: Reply };

interface Arrived {
  readonly exchange: Exchange;
  readonly match: Extract<RouteMatch, { kind: "route" }>;
  readonly query: URLSearchParams;
  readonly basin: string;
  readonly untilMs: number;
  /** The client is. */
  readonly gone: AbortSignal;
}

/** The shard whose owner knows the account, and says what is wrong with a request. */
const FIRST = 0;
/** How long an owner is waited for, ms. */
export const PARKED_MS = 8000;

export class Ingress {
  private readonly components: IngressComponents;

  constructor(components: IngressComponents) {
    this.components = components;
  }

  /** @throws {S2Error} `unavailable` when nobody has the shard; what is wrong with the request */
  async route(exchange: Exchange, match: Arrived["match"]): Promise<Routed> {
    const query = exchange.query === "" ? NO_QUERY : new URLSearchParams(exchange.query);
    const untilMs = this.components.clock.monotonic() + PARKED_MS;
    const basin = this.basinOf(exchange, match, query);
    const left = new AbortController();
    // A list waits for as many owners as there are shards.
    setMaxListeners(0, left.signal);
    exchange.onClose(() => left.abort());
    const arrived: Arrived = { exchange, match, query, basin, untilMs, gone: left.signal };
    const destination = destinationOf(match.name, match.params, basin);
    switch (destination.kind) {
      case "account":
        return this.pass(arrived, FIRST);
      case "stream":
        return this.pass(arrived, await this.shardFor(arrived, destination));
      case "new stream":
        return this.createStream(arrived);
      case "all streams":
        return { kind: "reply", reply: await this.listStreams(arrived) };
      case "all metrics":
        return { kind: "reply", reply: await this.metrics(arrived) };
      case "scattered":
        throw notYet();
    }
  }

  /** Empty for one that is missing or wrong: an owner says so, in its turn. */
  private basinOf(exchange: Exchange, match: Arrived["match"], query: URLSearchParams): string {
    try {
      return basinFor(exchange, query, match, this.components.basinZone);
    } catch {
      return "";
    }
  }

  private pass(arrived: Arrived, shard: number, body?: Uint8Array): Promise<Passed> {
    const { exchange, basin, untilMs, gone } = arrived;
    const headers = passedHeaders(exchange, basin);
    return passOn(exchange, this.components, { shard, headers, untilMs, body, gone });
  }

  private async shardFor(
    arrived: Arrived,
    { basin, stream }: Extract<Destination, { kind: "stream" }>,
  ): Promise<number> {
    const name = addAutoPrefix(await this.prefixOf(arrived), stream);
    try {
      return shardOf({ basin, stream: parseStreamName(name) }, this.components.shards);
    } catch {
      // Whoever gets it refuses the name.
      return FIRST;
    }
  }

  /** What is put before names of streams; none for who is not known: an owner refuses that. */
  private async prefixOf({ exchange, match, query, untilMs, gone }: Arrived): Promise<string> {
    const { auth, served, requests } = this.components;
    if (!auth) return "";
    try {
      const ticket = ticketOf(match.name, exchange, query);
      const here = served.any;
      if (here !== undefined) return here.prefixOf(exchange, ticket);
      const asked = ticket === undefined ? "" : `?${new URLSearchParams({ ticket }).toString()}`;
      const path = `${NODE_PATHS.access}${asked}`;
      const authorization = exchange.header("authorization");
      const headers = authorization === undefined ? {} : { authorization };
      const question = { method: "GET", path, headers } as const;
      const answer = await requests.ask(FIRST, question, untilMs, gone);
      return answer.status === 200 ? (jsonOf(answer) as { prefix: string }).prefix : "";
    } catch (error) {
      if (S2Error.from(error).code === "authn") return "";
      throw error;
    }
  }

  private async createStream(arrived: Arrived): Promise<Passed> {
    const { exchange, basin } = arrived;
    const confirmAccess = (): void => undefined;
    const body = await plainBodyOf({ exchange, confirmAccess }, MAX_JSON_BODY_BYTES, "bad_json");
    const stream = streamIn(body);
    const shard = await this.shardFor(arrived, { kind: "stream", basin, stream });
    return this.pass(arrived, shard, body);
  }

  private async listStreams(arrived: Arrived): Promise<Reply> {
    const { limit } = nameRangeOf(arrived.query, streamPrefixRule);
    const answers = await this.askAll(arrived);
    const failed = answers.find(({ status }) => status !== 200);
    if (failed !== undefined) return failed;
    const pages = answers.map((answer) => {
      const page = jsonOf(answer) as { streams: { name: string }[]; has_more: boolean };
      return { items: page.streams, hasMore: page.has_more };
    });
    const { items, hasMore } = joinedPage(pages, limit);
    return jsonReply(200, { streams: items, has_more: hasMore });
  }

  private async metrics(arrived: Arrived): Promise<Reply> {
    const answers = await this.askAll(arrived);
    const failed = answers.find(({ status }) => status !== 200);
    if (failed !== undefined) return failed;
    return jsonReply(
      200,
      metricsToJson(joinedMetrics(answers.map((answer) => metricsFromJson(jsonOf(answer))))),
    );
  }

  private askAll({ exchange, basin, untilMs, gone }: Arrived): Promise<readonly WholeAnswer[]> {
    const { requests, shards } = this.components;
    const { "accept-encoding": _, ...headers } = passedHeaders(exchange, basin);
    const path = exchange.query === "" ? exchange.path : `${exchange.path}?${exchange.query}`;
    return Promise.all(
      Array.from({ length: shards }, (_each, shard) => {
        // One of them is counted, as one request.
        const part = shard === FIRST ? {} : { [HEADER_PART]: "1" };
        const question = { method: "GET", path, headers: { ...headers, ...part } } as const;
        return requests.ask(shard, question, untilMs, gone);
      }),
    );
  }
}

/**
 * Read as an owner reads it: another name would be one of another shard. Empty for what is none: an
 * owner says what is wrong with it.
 */
function streamIn(body: Uint8Array): string {
  try {
    const { stream } = parseJson(body) as { stream?: unknown };
    return typeof stream === "string" ? stream : "";
  } catch {
    return "";
  }
}

function jsonOf({ body }: WholeAnswer): unknown {
  return JSON.parse(decodeUtf8Lossy(body)) as unknown;
}

function notYet(): S2Error {
  return new S2Error({
    code: "not_implemented",
    message: "OTLP is not taken by a server that shares its store with others: append records",
  });
}
