// The connections of one client: as few as carry its exchanges. Who asks while a dial is under way
// joins it as long as it has room, so that a burst does not dial once per request.
// Spec: sdk#connection-pool.

import { err, type Result, S2Error } from "@s2kit/core";
import { closedError } from "../errors.js";
import type { Components, Settings } from "../input/options.js";
import { Http2Connection } from "./http2-connection.js";
import { refusesHttp2 } from "./http2-refusal.js";
import type { Http2Settings } from "./http2-windows.js";

export class Http2Pool {
  readonly #settings: Settings;
  readonly #windows: Http2Settings;
  readonly #components: Components;
  readonly #connections = new Map<string, Set<Http2Connection>>();
  /** Which origins were heard to speak HTTP/2, or something else. */
  readonly #speakers = new Map<string, boolean>();
  #isClosed = false;

  constructor(settings: Settings, windows: Http2Settings, components: Components) {
    this.#settings = settings;
    this.#windows = windows;
    this.#components = components;
  }

  /** A connection with one reserved stream. Never rejects. */
  async acquire(origin: string): Promise<Result<Http2Connection>> {
    if (this.#isClosed) return err(closedError("client"));
    const connection = this.#withRoom(origin) ?? this.#dial(origin);
    connection.reserve();
    const dialled = await connection.dialled;
    if (dialled.ok && !this.#isClosed) return { ok: true, value: connection };
    connection.release();
    if (dialled.ok) return err(closedError("client"));
    // The same instance would collect the notes of every request that shared the dial.
    const { error } = dialled;
    return err(
      new S2Error({
        code: error.code,
        message: error.rawMessage,
        origin: error.origin,
        retryable: error.isRetryable,
        hasNoSideEffects: error.hasNoSideEffects,
        cause: error.cause,
      }),
    );
  }

  /**
   * False when the server answers, but not in HTTP/2. Unknown, or not known in time, counts as
   * true: the session finds out. Only what is certain is remembered.
   */
  canSpeakHttp2(origin: string, timeoutMillis: number): Promise<boolean> {
    const known = this.#speakers.get(origin);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const timer = this.#components.clock.setTimer(() => resolve(true), timeoutMillis);
      void this.#probe(origin).then((speaks) => {
        timer.cancel();
        resolve(speaks);
      });
    });
  }

  async #probe(origin: string): Promise<boolean> {
    const acquired = await this.acquire(origin);
    // In TLS the dial itself fails when the peer does not know the name of the protocol.
    if (!acquired.ok)
      return this.#note(origin, refusesHttp2(acquired.error.cause) ? false : undefined);
    const speaks = await acquired.value.speaksHttp2;
    acquired.value.release();
    return this.#note(origin, speaks);
  }

  /** Who spoke HTTP/2 once is not taken for one who cannot, whatever a proxy says later. */
  #note(origin: string, speaks: boolean | undefined): boolean {
    if (speaks !== undefined && this.#speakers.get(origin) !== true)
      this.#speakers.set(origin, speaks);
    return this.#speakers.get(origin) ?? true;
  }

  /** Ends all connections with everything on them. */
  close(): void {
    this.#isClosed = true;
    for (const set of this.#connections.values())
      for (const connection of set) connection.destroy(closedError("client"));
  }

  /** Connections that may take streams or are being dialled. */
  get size(): number {
    let size = 0;
    for (const set of this.#connections.values()) size += set.size;
    return size;
  }

  #withRoom(origin: string): Http2Connection | undefined {
    for (const connection of this.#connections.get(origin) ?? [])
      if (connection.hasRoom) return connection;
    return undefined;
  }

  #dial(origin: string): Http2Connection {
    const set = this.#connections.get(origin) ?? new Set<Http2Connection>();
    this.#connections.set(origin, set);
    const connection: Http2Connection = new Http2Connection({
      origin,
      windows: this.#windows,
      connectionTimeoutMillis: this.#settings.connectionTimeoutMillis,
      clock: this.#components.clock,
      hasSpoken: () => this.#speakers.get(origin) === true,
      onRetired: () => {
        set.delete(connection);
        if (set.size === 0) this.#connections.delete(origin);
      },
      onRoom: () => undefined,
    });
    set.add(connection);
    void connection.speaksHttp2.then((speaks) => {
      if (speaks === true) this.#note(origin, true);
    });
    return connection;
  }
}
