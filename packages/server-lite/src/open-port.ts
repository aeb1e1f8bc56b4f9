// Opens the port of a server with all that is spoken on it: HTTP of both versions, plain or in TLS,
// and WebSockets. Called by `server`; whatever comes in leaves as an exchange.

import type { Clock } from "@s2kit/core";
import type { BodyGuard } from "./exchange/body-guard.js";
import { createCors } from "./exchange/cors.js";
import type { Exchange } from "./exchange/exchange.js";
import { certificateOf } from "./http/certificate.js";
import { type Listener, openListener } from "./http/listener.js";
import { createWebSocketDoor } from "./http/websocket/websocket-door.js";
import type { ResolvedSettings } from "./settings.js";

export interface OpenPortComponents {
  readonly clock: Clock;
  readonly guard: BodyGuard;
  onExchange(exchange: Exchange): void;
  /** Asked before the port is taken. @throws {S2Error} `SESSION_CLOSED` */
  requireNotStopping(): void;
}

/** @throws the error of the platform (`EADDRINUSE`, `EACCES`) when the port cannot be had */
export async function openPort(
  settings: ResolvedSettings,
  components: OpenPortComponents,
): Promise<Listener> {
  const { tls, host } = settings;
  const { clock, guard } = components;
  const cors = createCors(settings.cors);
  const onExchange = (exchange: Exchange): void => components.onExchange(exchange);
  const webSockets = createWebSocketDoor({
    clock,
    onExchange,
    isOriginAllowed: (...origin) => cors.isAllowed(...origin),
  });
  const certificate = tls === undefined ? undefined : certificateOf(tls, host, clock);
  components.requireNotStopping();
  return openListener(
    { ...settings, certificate },
    {
      clock,
      guard,
      onExchange,
      onUpgrade: (...upgrade) => webSockets.accept(...upgrade),
    },
  );
}
