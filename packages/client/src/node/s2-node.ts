// The client for Node: sessions over HTTP/2, compression, a user agent. Runtimes that emulate Node
// are told apart by their versions, because older ones break HTTP/2 sessions.
// Spec: sdk#which-carrier.

import { createAccountManagers } from "../account/account-managers.js";
import type { S2Components, S2Options } from "../input/options.js";
import type { Runtime } from "../runtime.js";
import { S2Base } from "../s2-base.js";
import { reading } from "../session/read/reading.js";
import { createWebSocketTransport } from "../transport/websocket.js";
import { createFrameCodec } from "./frame-codec.js";
import { createHttp2Transport } from "./http2-transport.js";
import { type Http2Settings, resolveWindows } from "./http2-windows.js";
import { canSpeakHttp2 } from "./runtime-version.js";

/** Kept in step with package.json by a test. */
export const CLIENT_VERSION = "0.0.0";

const nodeRuntime = (windows: Http2Settings): Runtime => ({
  userAgent: `s2kit-client/${CLIENT_VERSION}`,
  accountManagers: createAccountManagers,
  codec: ({ compression }) => createFrameCodec(compression),
  reading: () => reading,
  sessionTransport(kind, plain, settings, components) {
    switch (kind) {
      case "fetch":
        return plain;
      case "s2s":
        return createHttp2Transport(plain, settings, windows, components);
      case "auto":
        return canSpeakHttp2(globalThis)
          ? createHttp2Transport(plain, settings, windows, components)
          : plain;
      case "ws":
        return createWebSocketTransport(plain, globalThis.WebSocket);
    }
  },
});

/** The entry point: one client for an account, shared by everything that uses it. */
export class S2 extends S2Base {
  /** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is wrong */
  constructor(options: S2Options, components: S2Components = {}) {
    super(nodeRuntime(resolveWindows(options?.http2 ?? {})), options, components);
  }
}
