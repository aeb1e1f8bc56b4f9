// What answers at the port of a server before any backend is asked: pages for people and operators,
// health, and who may come in at all. Called at each opening. Spec: control-plane#routes.

import type { BackendGauges } from "./backend/gauges.js";
import { type Cors, createCors } from "./exchange/cors.js";
import { createGate, OPEN_GATE } from "./exchange/gate.js";
import { createHostCheck } from "./exchange/hosts.js";
import type { DoorComponents } from "./exchange/outside/front-door.js";
import { createPlainRoutes } from "./exchange/outside/plain-routes.js";
import { createStudioRoutes } from "./exchange/outside/studio.js";
import { certificateEndsSecs } from "./http/certificate.js";
import type { RoomComponents } from "./room-components.js";
import type { ResolvedSettings } from "./settings.js";
import { bucketText } from "./storage/object/engine/open-bucket-storage.js";
import type { Storage } from "./storage/storage.js";
import { healthOf } from "./telemetry/health.js";
import { droppedLinesOf } from "./telemetry/server-logger.js";
import { createServerPage, type ServerTelemetry } from "./telemetry/server-page.js";

/** What the pages show. */
export interface DoorSources {
  readonly telemetry: ServerTelemetry;
  readonly gauges: BackendGauges;
  /** The engines of now. */
  storages(): readonly Storage[];
  /** Why the store is unusable; undefined while it works. */
  unhealthy(): string | undefined;
  /** Why answers from the state do not count now; it may be over soon. */
  stale(): string | undefined;
}

export function createPublicDoor(
  settings: ResolvedSettings,
  components: RoomComponents,
  sources: DoorSources,
): DoorComponents {
  const { auth } = settings;
  const { logger, sessions, budget } = components;
  const cors: Cors = createCors(settings.cors);
  const gate = auth ? OPEN_GATE : createGate(cors, createHostCheck(settings));
  return {
    cors,
    gate,
    plain: createPlainRoutes({
      page: createServerPage({
        ...sources.telemetry,
        gauges: sources.gauges,
        storages: () => sources.storages(),
        sessions,
        budget,
        connections: () => components.connections(),
        acceptedConnections: () => components.acceptedConnections(),
        droppedLogLines: () => droppedLinesOf(logger),
        storageKind: settings.storage.kind,
        certificateEndsSecs: certificateEndsSecs(settings.tls),
      }),
      healthOf: (path) =>
        healthOf(path, {
          isDraining: components.status() === "draining",
          unhealthy: sources.unhealthy(),
          stale: sources.stale(),
        }),
      onUnexpected: (error) => logger.error({ err: error }, "metrics page failed"),
    }),
    studio: createStudioRoutes({ isOn: settings.studio, auth, storage: placeOf(settings), gate }),
  };
}

/** Whether a server takes no more requests. */
export function isLeaving({ status }: Pick<RoomComponents, "status">): boolean {
  const now = status();
  return now === "draining" || now === "closed";
}

/** What the page for people says about the store. */
function placeOf({ storage }: ResolvedSettings): { kind: string; directory?: string } {
  switch (storage.kind) {
    case "memory":
      return { kind: "memory" };
    case "disk":
      return { kind: "disk", directory: storage.directory };
    case "bucket":
      return { kind: "bucket", directory: bucketText(storage) };
  }
}
