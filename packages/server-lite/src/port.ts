// The port of a server: closed, being opened, open, or shut for good. Knows who listens, not what
// is behind it. Called by `server` alone. Spec: cli#lite, data-plane#draining.

import { S2Error } from "@s2kit/core";
import type { Listener } from "./http/listener.js";

type State =
  | { readonly kind: "closed" }
  | { readonly kind: "opening"; readonly opened: Promise<Listener> }
  | { readonly kind: "open"; readonly opened: Promise<Listener>; readonly listener: Listener }
  /** Takes no more connections; with a listener, those that are there go on until `close`. */
  | { readonly kind: "shut"; readonly listener: Listener | undefined };

const CLOSED: State = { kind: "closed" };

export interface PortComponents {
  open(): Promise<Listener>;
  /** A try failed: gives back what it alone had taken, before the failure is told. */
  onFailed(): Promise<void>;
}

export class Port {
  private readonly components: PortComponents;
  private state: State = CLOSED;

  constructor(components: PortComponents) {
    this.components = components;
  }

  get socketCount(): number {
    return this.listener?.socketCount ?? 0;
  }

  get http2SessionCount(): number {
    return this.listener?.http2SessionCount ?? 0;
  }

  /** Connections by what they speak; those that have not said it yet are `unknown`. */
  get connections(): ReadonlyMap<string, number> {
    const known = new Map<string, number>(this.listener?.counts.byProtocol);
    const spoken = [...known.values()].reduce((sum, count) => sum + count, 0);
    return known.set("unknown", Math.max(0, this.socketCount - spoken));
  }

  /** Connections since the port was opened. */
  get acceptedCount(): number {
    return this.listener?.counts.accepted ?? 0;
  }

  /** Opens it once: whoever asks again joins. A try that failed may be repeated. */
  open(): Promise<Listener> {
    const { state } = this;
    if (state.kind === "opening" || state.kind === "open") return state.opened;
    if (state.kind === "shut") return Promise.reject(stopping());
    const opened = this.openNow();
    this.state = { kind: "opening", opened };
    return opened;
  }

  /**
   * Takes no more connections, ever. One that is being opened right now closes itself: resolves
   * when it has.
   */
  async shut(): Promise<void> {
    const { state, listener } = this;
    this.state = { kind: "shut", listener };
    listener?.stopAccepting();
    if (state.kind === "opening") await state.opened.catch(() => undefined);
  }

  /** Drops what connections are left. */
  async close(): Promise<void> {
    await this.listener?.close();
  }

  private get listener(): Listener | undefined {
    return this.state.kind === "open" || this.state.kind === "shut"
      ? this.state.listener
      : undefined;
  }

  private async openNow(): Promise<Listener> {
    try {
      const listener = await this.components.open();
      const { state } = this;
      if (state.kind !== "opening") {
        await listener.close();
        throw stopping();
      }
      this.state = { ...state, kind: "open", listener };
      return listener;
    } catch (error) {
      await this.components.onFailed();
      if (this.state.kind === "opening") this.state = CLOSED;
      throw error;
    }
  }
}

/** What a server says that is on its way out, or has gone. */
export function stopping(): S2Error {
  return new S2Error({ code: "SESSION_CLOSED", message: "server is closed" });
}
