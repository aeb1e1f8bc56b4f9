// Whether a commit has room: in one group of the log, among what waits for the disk, and on the
// disk itself. Asked before anything of the commit is placed.

import { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { GroupBuilder } from "../../log/group-builder.js";
import type { EngineComponents } from "./engine-components.js";

/** @throws {S2Error} `storage` when it cannot be taken, `hot_server` when it may be taken later */
export function requireRoom(
  components: EngineComponents,
  payloadBytes: number,
  rows: number,
  hasAppend: boolean,
): void {
  const { segmentBytes, builder, writer, maxQueuedBytes } = components;
  const largest = GroupBuilder.maxPayloadBytes(segmentBytes, rows);
  if (payloadBytes > largest)
    throw storageError(`a commit is too large for the log bytes=${payloadBytes} max=${largest}`);
  if (writer.queuedBytes + builder.openBytes > maxQueuedBytes)
    throw new S2Error({
      code: "hot_server",
      message: `too many bytes wait for the disk max=${maxQueuedBytes}`,
    });
  // The rest of the segment is kept for what frees space.
  const cause = shortageOf(components);
  const reserve = hasAppend ? segmentBytes / 4 : 0;
  if (cause !== undefined && builder.segmentRoomBytes - payloadBytes - rows * 64 < reserve + 8192)
    throw storageError(`the disk is full: free some space cause=${cause.message}`, cause);
}

/** Why no segment may ever come behind the one that the next commit goes to. */
export function shortageOf({ builder, files }: EngineComponents): Error | undefined {
  return files.hasNext(builder.generation) ? undefined : files.shortage;
}
