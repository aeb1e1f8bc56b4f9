// What a case works with: requests that are recorded, streams and basins of its own, sessions over
// every carrier. Closes what a case leaves open, and skips what the token may not do.

import { type Clock, type Random, seededRandom, sleep } from "@s2kit/core";
import type { Capability } from "../capability.js";
import { terminalOf } from "../codec/frame.js";
import { Skip, status } from "../expect.js";
import { routeOf } from "../operations.js";
import { type EventStream, eventsOver } from "../probe/events.js";
import { type HttpVersion, openExchange } from "../probe/exchange.js";
import type { Answer, Http } from "../probe/http.js";
import { createSession, type Session, sessionOver } from "../probe/session.js";
import { authorization, type Target } from "../probe/target.js";
import { dialWebSocket } from "../probe/websocket.js";
import type { Caller, CallOptions, SessionOptions } from "./caller.js";
import { codeOf, formatOf, type Recorder } from "./recorder.js";
import { StreamHandle } from "./stream-handle.js";
import type { SharedBasin, Workspace } from "./workspace.js";

/** What all cases of a run share. */
export interface Shared {
  readonly target: Target;
  readonly http: Http;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly workspace: Workspace;
  readonly capabilities: ReadonlySet<Capability>;
  /** Operations that the token of the run may not do. */
  readonly denied: ReadonlySet<string>;
  /** Parent of the host names of basins. */
  readonly basinZone: string | undefined;
  /** Tells the server to stop. */
  readonly drain: (() => Promise<void> | void) | undefined;
  readonly seed: number;
  readonly rounds: number;
}

export class Context implements Caller {
  readonly shared: Shared;
  readonly random: Random;
  readonly #open: { destroy(): void }[] = [];
  #serial = 0;
  readonly #name: string;

  constructor(shared: Shared, name: string, serial: number) {
    this.shared = shared;
    this.random = seededRandom(shared.seed + serial);
    this.#name = name.replace(/[^a-z0-9]+/gi, "-");
  }

  has(capability: Capability): boolean {
    return this.shared.capabilities.has(capability);
  }

  now(): number {
    return this.shared.clock.now();
  }

  async sleep(ms: number): Promise<void> {
    await sleep(this.shared.clock, ms);
  }

  /** Asks until the answer is as wanted; the last one when time is over. */
  async until(
    ask: () => Promise<Answer>,
    isIt: (a: Answer) => boolean,
    ms = 10_000,
  ): Promise<Answer> {
    const end = this.shared.clock.monotonic() + ms;
    for (;;) {
      const answer = await ask();
      if (isIt(answer) || this.shared.clock.monotonic() > end) return answer;
      await this.sleep(100);
    }
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { basin, json, over = "h1" } = options;
    const token = options.token === null ? undefined : (options.token ?? this.shared.target.token);
    if (options.token === undefined) this.#mayAsk(method, path);
    const headers: Record<string, string> = { ...authorization(token), ...options.headers };
    if (basin !== undefined) headers["s2-basin"] ??= basin;
    if (json !== undefined) headers["content-type"] ??= "application/json";
    const body = json === undefined ? options.body : JSON.stringify(json);
    const { http, recorder } = this.shared;
    const send: Http["over1"] = (ask, ms) =>
      over === "h2" ? http.over2(ask, ms) : http.over1(ask, ms);
    let answer = await send({ method, path, headers, body }, options.patienceMs);
    // Nothing happened: a server that limits rates is asked again, a few times.
    for (let left = options.isOnce === true ? 0 : 5; answer.status === 429 && left > 0; left--) {
      await this.sleep(Math.min(Number(answer.headers["retry-after-ms"] ?? 200), 2000));
      answer = await send({ method, path, headers, body }, options.patienceMs);
    }
    recorder.note(method, path, {
      format: formatOf(method, headers),
      carrier: over,
      status: answer.status,
      code: codeOf(answer.json),
    });
    return answer;
  }

  /** A basin of this case alone. */
  async basin(config: object = {}): Promise<string> {
    const basin = this.shared.workspace.basinName();
    status(await this.call("POST", "/v1/basins", { json: { basin, config } }), 201);
    return basin;
  }

  sharedBasin(kind: SharedBasin = "plain"): Promise<string> {
    return this.shared.workspace.shared(kind);
  }

  /** A name that no other case uses. */
  name(): string {
    return `${this.#name}-${++this.#serial}`;
  }

  /** A stream of this case alone, in a basin that cases share unless one is named. */
  async stream(config: object = {}, basin?: string): Promise<StreamHandle> {
    const place = basin ?? (await this.sharedBasin());
    const stream = this.name();
    status(await this.call("POST", "/v1/streams", { basin: place, json: { stream, config } }), 201);
    return new StreamHandle(this, place, stream);
  }

  async events(
    basin: string,
    path: string,
    headers: Record<string, string> = {},
    over: HttpVersion = "h1",
  ): Promise<EventStream> {
    this.#mayAsk("GET", path);
    const exchange = await openExchange(this.shared.target, over, {
      method: "GET",
      path,
      headers: {
        ...authorization(this.shared.target.token),
        "s2-basin": basin,
        accept: "text/event-stream",
        ...headers,
      },
    });
    this.#open.push(exchange);
    const stream = await eventsOver(this.shared.target, exchange);
    this.shared.recorder.note("GET", path, {
      format: "sse",
      carrier: over,
      status: exchange.status,
      code: codeOf(stream.refusal?.json),
    });
    return stream;
  }

  async session(options: SessionOptions): Promise<Session> {
    const { basin, stream, mode, over, query = "", headers = {} } = options;
    const token = options.token ?? this.shared.target.token;
    const method = mode === "append" ? "POST" : "GET";
    const path = `/v1/streams/${encodeURIComponent(stream)}/records`;
    if (options.token === undefined) this.#mayAsk(method, path);
    const { target, recorder } = this.shared;
    const session =
      over === "ws"
        ? await this.#dial(options, path, token)
        : await sessionOver(
            target,
            await openExchange(target, over, {
              method,
              path: query === "" ? path : `${path}?${query}`,
              headers: {
                ...authorization(token),
                "s2-basin": basin,
                "content-type": "s2s/proto",
                ...headers,
              },
            }),
          );
    this.#open.push(session);
    const note = (code: number, json: unknown): void =>
      recorder.note(method, path, {
        format: "s2s",
        carrier: over,
        status: code,
        code: codeOf(json),
      });
    if (session.refusal === undefined) note(200, undefined);
    else note(session.refusal.status, session.refusal.json);
    session.observe((frame) => {
      if (!frame.isTerminal) return;
      const { status: code, json } = terminalOf(frame);
      note(code, json);
    });
    return session;
  }

  async #dial(
    { basin, mode, query = "", headers = {} }: SessionOptions,
    path: string,
    token: string | undefined,
  ): Promise<Session> {
    const secret = (name: string, value: string | undefined): string[] =>
      value === undefined ? [] : [`s2.${name}.${Buffer.from(value).toString("base64url")}`];
    const { "s2-encryption-key": key, "accept-encoding": accepted, ...others } = headers;
    const parts = [`basin=${basin}`, `mode=${mode}`, query];
    if (accepted !== undefined)
      parts.push(`compression=${/zstd/.test(accepted) ? "zstd" : "gzip"}`);
    const carrier = await dialWebSocket(this.shared.target, {
      path: `${path}?${parts.filter((part) => part !== "").join("&")}`,
      protocols: ["s2s.v1", ...secret("bearer", token), ...secret("key", key)],
      headers: others,
    });
    return createSession(this.shared.target, carrier);
  }

  /** Keeps something that is to be closed with the case. */
  own<T extends { destroy(): unknown }>(thing: T): T {
    this.#open.push({ destroy: () => void thing.destroy() });
    return thing;
  }

  close(): void {
    for (const each of this.#open.splice(0)) each.destroy();
  }

  #mayAsk(method: string, path: string): void {
    const missing = routeOf(method, path)?.operations.find((each) => this.shared.denied.has(each));
    if (missing !== undefined) throw new Skip(`the token may not ${missing}`);
  }
}
