// The desk at which a server lends its directory: who takes nothing any more has to go, also one whose
// process lives and says so, such as a backup onto a file system that hangs.

import { connect } from "node:net";
import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, it, vi } from "vitest";
import { DESK_SOCKET, encodeJson } from "../../../src/storage/disk/backup/desk-wire.js";
import { SNAPSHOT_VERSION } from "../../../src/storage/disk/backup/plan.js";
import { openSnapshotDesk } from "../../../src/storage/disk/backup/snapshot-desk.js";
import { freshDirectory } from "./harness.js";

/** Unix sockets are what this is about. */
it.skipIf(process.platform === "win32")(
  "lets a guest go that says it is there and takes nothing (needs Unix sockets)",
  async () => {
    const directory = await freshDirectory();
    const clock = createSimulatedClock();
    let pages = 0;
    let hasGivenUp = false;
    const desk = await openSnapshotDesk({
      clock,
      directory,
      takeSnapshot: async (taker) => {
        const page = [{ key: new Uint8Array(8), value: new Uint8Array(64 * 1024) }];
        try {
          for (; ; pages++) await taker.entries(page);
        } catch (error) {
          hasGivenUp = true;
          throw error;
        }
      },
    });
    const socket = connect(`${directory}/${DESK_SOCKET}`);
    // As a process that waits for its disk: it never reads.
    socket.pause();
    socket.on("error", () => undefined);
    socket.write(encodeJson({ ask: "snapshot", version: SNAPSHOT_VERSION }));
    let before = -1;
    await vi.waitFor(() => {
      const isFull = pages > 0 && pages === before;
      before = pages;
      expect(isFull).toBe(true);
    });
    for (let seconds = 0; seconds < 70; seconds += 10) {
      if (socket.writable) socket.write(encodeJson({ ask: "wait" }));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await clock.advanceAsync(10_000);
    }
    await vi.waitFor(() => expect([hasGivenUp, desk?.guests]).toEqual([true, 0]));
    socket.destroy();
    await desk?.close();
  },
);
