// A stream of a case: the calls that most cases make, each one request.
// No rule of the protocol is in here: what an answer must be is the matter of cases.

import type { Position } from "../codec/messages.js";
import { equal, status } from "../expect.js";
import type { EventStream } from "../probe/events.js";
import type { HttpVersion } from "../probe/exchange.js";
import type { Answer } from "../probe/http.js";
import type { Session } from "../probe/session.js";
import type { Caller, CallOptions, CarrierName } from "./caller.js";

export interface JsonRecord {
  readonly timestamp?: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

export class StreamHandle {
  readonly basin: string;
  readonly name: string;
  /** Of its records. */
  readonly path: string;
  readonly #context: Caller;

  constructor(context: Caller, basin: string, name: string) {
    this.#context = context;
    this.basin = basin;
    this.name = name;
    this.path = `/v1/streams/${encodeURIComponent(name)}/records`;
  }

  /** Appends whatever is given, and answers whatever comes. */
  post(json: unknown, options: CallOptions = {}): Promise<Answer> {
    return this.#context.call("POST", this.path, { basin: this.basin, json, ...options });
  }

  /** Appends text that is not from `JSON.stringify`. */
  postText(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#context.call("POST", this.path, {
      basin: this.basin,
      body,
      headers: { "content-type": "application/json", ...headers },
    });
  }

  postProto(body: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#context.call("POST", this.path, {
      basin: this.basin,
      body,
      headers: { "content-type": "application/protobuf", ...headers },
    });
  }

  /** Appends and must succeed. */
  async append(
    records: readonly JsonRecord[],
    more: object = {},
  ): Promise<{ start: Position; end: Position; tail: Position }> {
    return status(await this.post({ records, ...more }), 200).json;
  }

  bodies(...texts: readonly string[]): Promise<{ start: Position; end: Position; tail: Position }> {
    return this.append(texts.map((body) => ({ body })));
  }

  /** A trim command to the first number to keep. */
  async trim(to: bigint | number): Promise<{ start: Position; end: Position; tail: Position }> {
    const body = Buffer.alloc(8);
    body.writeBigUInt64BE(BigInt(to));
    const records = [{ headers: [["", "dHJpbQ=="]], body: body.toString("base64") }];
    return status(await this.post({ records }, { headers: { "s2-format": "base64" } }), 200).json;
  }

  fence(token: string, more: object = {}): Promise<Answer> {
    return this.post({ records: [{ headers: [["", "fence"]], body: token }], ...more });
  }

  get(query: string, options: CallOptions = {}): Promise<Answer> {
    const path = query === "" ? this.path : `${this.path}?${query}`;
    return this.#context.call("GET", path, { basin: this.basin, ...options });
  }

  /** The bodies of what a read answers. */
  async texts(query: string): Promise<string[]> {
    const { json } = status(await this.get(query), 200);
    return json.records.map(({ body = "" }: { body?: string }) => body);
  }

  async numbers(query: string): Promise<number[]> {
    const { json } = status(await this.get(query), 200);
    return json.records.map(({ seq_num: number }: { seq_num: number }) => number);
  }

  async tail(): Promise<Position> {
    const path = `${this.path}/tail`;
    const answer = await this.#context.call("GET", path, { basin: this.basin });
    return status(answer, 200).json.tail;
  }

  async hasTail(seqNum: number): Promise<void> {
    equal((await this.tail()).seq_num, seqNum, "seq_num of the tail");
  }

  config(): Promise<Answer> {
    return this.#context.call("GET", this.path.replace(/\/records$/, ""), { basin: this.basin });
  }

  patch(json: unknown): Promise<Answer> {
    const path = this.path.replace(/\/records$/, "");
    return this.#context.call("PATCH", path, { basin: this.basin, json });
  }

  remove(): Promise<Answer> {
    return this.#context.call("DELETE", this.path.replace(/\/records$/, ""), { basin: this.basin });
  }

  events(
    query: string,
    headers: Record<string, string> = {},
    over: HttpVersion = "h1",
  ): Promise<EventStream> {
    return this.#context.events(this.basin, `${this.path}?${query}`, headers, over);
  }

  open(
    mode: "append" | "read",
    over: CarrierName,
    query = "",
    headers: Record<string, string> = {},
  ): Promise<Session> {
    const { basin, name: stream } = this;
    return this.#context.session({ basin, stream, mode, over, query, headers });
  }
}
