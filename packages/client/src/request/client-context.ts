// What the handles of one client share: settings, components, the unary runner, and the session
// transport of each kind, made on first use and cached as a promise so that two callers get one.
// Spec: sdk#which-carrier.

import type { BasinName, FrameCodec } from "@s2kit/core";
import { closedError } from "../errors.js";
import type { Components, SessionTransport, Settings } from "../input/options.js";
import type { Transport } from "../wire/transport.js";
import type { RequestFactory } from "./request-factory.js";
import type { UnaryClient } from "./unary.js";

/** Makes the session transports of a runtime. */
export interface SessionTransports {
  /** `plain` carries what is not a session. */
  sessionTransport(
    kind: SessionTransport,
    plain: Transport,
    settings: Settings,
    components: Components,
  ): Transport | Promise<Transport>;
}

/** A session that ends with its handle and with its client. */
export interface OpenSession {
  cancel(reason?: unknown): Promise<void>;
}

export class ClientContext {
  readonly settings: Settings;
  readonly components: Components;
  readonly requests: RequestFactory;
  readonly unary: UnaryClient;
  readonly codec: FrameCodec | undefined;
  readonly #plain: Transport;
  readonly #runtime: SessionTransports;
  readonly #fixed: Transport | undefined;
  readonly #transports = new Map<SessionTransport, Promise<Transport>>();
  /** Sessions of all handles that have not ended. */
  readonly sessions: Set<OpenSession> = new Set();
  #closing: Promise<void> | undefined;

  constructor(options: {
    readonly settings: Settings;
    readonly components: Components;
    readonly requests: RequestFactory;
    readonly unary: UnaryClient;
    readonly codec: FrameCodec | undefined;
    readonly plain: Transport;
    readonly runtime: SessionTransports;
    /** Carries all sessions, if given. */
    readonly fixed: Transport | undefined;
  }) {
    this.settings = options.settings;
    this.components = options.components;
    this.requests = options.requests;
    this.unary = options.unary;
    this.codec = options.codec;
    this.#plain = options.plain;
    this.#runtime = options.runtime;
    this.#fixed = options.fixed;
  }

  /** @throws {S2Error} `SESSION_CLOSED` after close; `INVALID_ARGUMENT` for an unsupported kind */
  async sessionTransport(
    basin: BasinName,
    kind: SessionTransport = this.settings.transport,
    timeoutMillis: number = this.settings.requestTimeoutMillis,
  ): Promise<Transport> {
    if (this.#closing !== undefined) throw closedError("client");
    if (this.#fixed !== undefined) return this.#fixed;
    let made = this.#transports.get(kind);
    if (made === undefined) {
      made = Promise.resolve(
        this.#runtime.sessionTransport(kind, this.#plain, this.settings, this.components),
      );
      this.#transports.set(kind, made);
      made.catch(() => this.#transports.delete(kind));
    }
    const transport = await this.#reaching(basin, kind, await made, timeoutMillis);
    // The client may have been closed meanwhile, which closed this transport too.
    if (this.#closing !== undefined) throw closedError("client");
    return transport;
  }

  /** A server behind an HTTP/1.1 proxy gets plain requests, unless a carrier was demanded. */
  async #reaching(
    basin: BasinName,
    kind: SessionTransport,
    transport: Transport,
    timeoutMillis: number,
  ): Promise<Transport> {
    if (kind !== "auto" || transport.canReach === undefined) return transport;
    const { origin } = new URL(this.settings.endpoints.basinUrl(basin));
    return (await transport.canReach(origin, timeoutMillis)) ? transport : this.#plain;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.unary.close();
    for (const session of this.sessions) void session.cancel(closedError("client"));
    const made = await Promise.allSettled(this.#transports.values());
    const transports = made.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    await Promise.all([...new Set([...transports, this.#plain])].map((each) => each.close()));
    await this.#fixed?.close();
  }
}
