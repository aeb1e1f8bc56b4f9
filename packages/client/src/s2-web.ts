// The client for browsers and edge runtimes: sessions by fetch. No Node built-in may be reachable
// from here. Spec: sdk#which-carrier, sdk#in-browsers.

import { lateManagers } from "./account/late-managers.js";
import { invalidArgument } from "./errors.js";
import type { S2Components, S2Options } from "./input/options.js";
import type { Runtime } from "./runtime.js";
import { S2Base } from "./s2-base.js";

const webRuntime: Runtime = {
  userAgent: undefined,
  accountManagers: (context) =>
    lateManagers(async () => {
      const { createAccountManagers } = await import("./account/account-managers.js");
      return createAccountManagers(context);
    }),
  codec(settings) {
    if (settings.compression === "none") return undefined;
    throw invalidArgument(`compression is not available here compression=${settings.compression}`);
  },
  async reading() {
    return (await import("./session/read/reading.js")).reading;
  },
  async sessionTransport(kind, plain) {
    if (kind === "auto" || kind === "fetch") return plain;
    if (kind === "ws") {
      // Loaded when it is asked for: most pages read by fetch alone.
      const { createWebSocketTransport } = await import("./transport/websocket.js");
      return createWebSocketTransport(plain, globalThis.WebSocket);
    }
    throw invalidArgument(`session transport is not available here transport=${kind}`);
  },
};

/** The entry point: one client for an account, shared by everything that uses it. */
export class S2 extends S2Base {
  /** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is wrong */
  constructor(options: S2Options, components: S2Components = {}) {
    super(webRuntime, options, components);
  }
}
