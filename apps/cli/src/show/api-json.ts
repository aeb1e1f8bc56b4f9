// The JSON that `--json` prints: names and shapes of the HTTP API, so that it stays stable. Built
// on core's codecs; this file only bridges what the client hands out. Spec: cli#conventions.

import type { BasinInfo, StreamInfo } from "@s2kit/client";
import { positionToJson, type StreamPosition } from "@s2kit/core";

export function positionJson(position: StreamPosition): unknown {
  return positionToJson(position);
}

export function basinJson(info: BasinInfo): unknown {
  return {
    name: info.name,
    location: info.location,
    created_at: info.createdAt.toISOString(),
    deleted_at: info.deletedAt?.toISOString(),
  };
}

export function streamJson(info: StreamInfo, basin: string): unknown {
  return {
    name: info.name,
    basin,
    created_at: info.createdAt.toISOString(),
    deleted_at: info.deletedAt?.toISOString(),
    cipher: info.cipher,
  };
}
