// Requests of this node itself to whoever has a shard, here or elsewhere, with answers that are
// taken whole: parts of lists and metrics, and what nodes tell each other about the account. Where
// nothing has happened they are made again, until their time is over.

import { type Clock, S2Error, statusOf } from "@s2kit/core";
import { BodyChunks } from "../exchange/body-chunks.js";
import type { ResponseHeaders } from "../exchange/exchange.js";
import { HEADER_SHARD, type PeerHead, type PeerRequest, type Peers } from "../exchange/peers.js";
import type { Owners } from "./owners.js";
import type { ServedShard } from "./served-shards.js";

export interface ShardQuestion {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface WholeAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Uint8Array;
}

export interface ShardRequestsComponents {
  readonly clock: Clock;
  readonly owners: Owners;
  readonly peers: Peers;
  /** Answers within this process. */
  readonly askHere: (served: ServedShard, question: ShardQuestion) => Promise<WholeAnswer>;
}

/** A page of a thousand names of the longest kind, as JSON, is below 2 MiB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export class ShardRequests {
  private readonly components: ShardRequestsComponents;

  constructor(components: ShardRequestsComponents) {
    this.components = components;
  }

  /**
   * @param untilMs - monotonic: for the search and the answer
   * @param gone - when nobody wants it any more
   * @throws {S2Error} `unavailable` when nobody answers by then, or nobody knows what became of it;
   *   `hot_server` when too many requests wait; `client_hangup`
   */
  async ask(
    shard: number,
    question: ShardQuestion,
    untilMs: number,
    gone?: AbortSignal,
  ): Promise<WholeAnswer> {
    const { owners, askHere } = this.components;
    for (;;) {
      const owner = await owners.find(shard, untilMs, gone);
      if (owner.kind === "here") return askHere(owner.served, question);
      const answer = await this.askThere(owner.url, shard, question, untilMs);
      if (answer !== undefined) return answer;
      owners.noteWrong(shard, owner.url, untilMs);
    }
  }

  /** @returns undefined when nothing has happened there */
  private askThere(
    url: string,
    shard: number,
    question: ShardQuestion,
    untilMs: number,
  ): Promise<WholeAnswer | undefined> {
    const { clock, peers } = this.components;
    const { method, path, body } = question;
    const headers = { ...question.headers, [HEADER_SHARD]: String(shard) };
    const head: PeerHead = { method, path, headers, hasBody: body !== undefined };
    return new Promise<WholeAnswer | undefined>((resolve, reject) => {
      const chunks = new BodyChunks();
      let status = 0;
      let answered: ResponseHeaders = {};
      let hasBegun = false;
      const request: PeerRequest = peers.open(url, head, {
        goAhead() {
          hasBegun = true;
          if (body !== undefined) request.write(body);
          request.end();
        },
        head(code, given) {
          status = code;
          answered = given;
        },
        chunk(bytes) {
          chunks.push(bytes);
          if (chunks.byteLength <= MAX_ANSWER_BYTES) return;
          timer.cancel();
          request.abort();
          reject(unknown("a node of the cluster answers with too much"));
        },
        end() {
          timer.cancel();
          // It would wait for a body that it does not want.
          if (body !== undefined && !hasBegun) request.abort();
          // An end without a head answers nothing.
          if (status === 0) this.fail("reset");
          else if (status === statusOf("misdirected")) resolve(undefined);
          else resolve({ status, headers: answered, body: chunks.whole() });
        },
        fail(how) {
          timer.cancel();
          const isHarmless = method === "GET" || !hasBegun;
          if (how === "unsent" || (how === "lost" && isHarmless)) resolve(undefined);
          else reject(unknown("the node that had this request gave no answer"));
        },
        drained: () => undefined,
      });
      // One that is cut off may answer pings, and nothing else.
      const timer = clock.setTimer(() => {
        request.abort();
        reject(unknown("a node of the cluster does not answer in time"));
      }, untilMs - clock.monotonic());
    });
  }
}

function unknown(message: string): S2Error {
  return new S2Error({ code: "unavailable", message: `${message}: try again` });
}
