// What leaves on a WebSocket: counted until it has left, and held up while too much of it waits for
// a slow client. Knows no session.

import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { SharedOutput } from "../../exchange/shared-output.js";
import { HeldOutput } from "../../memory/held-output.js";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import { afterWrites, writePromptly } from "../prompt-write.js";
import { messageOf } from "./websocket-message.js";

/** Bytes that may wait for a slow client before its session stops producing. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export class WebSocketOutput {
  private readonly socket: Duplex;
  private readonly held: HeldOutput;
  private readonly roomListeners: (() => void)[] = [];

  /** @param giveWay - drops the connection: others need the room */
  constructor(socket: Duplex, budget: MemoryBudget, giveWay: () => void) {
    this.socket = socket;
    this.held = new HeldOutput(budget, giveWay);
  }

  /** One message. @returns false when the writer should wait */
  write(connection: WebSocket, parts: readonly Uint8Array[]): boolean {
    // The parts of a frame become fragments of one message: nothing is copied together.
    parts.forEach((part, index) => {
      this.held.wrote(part);
      connection.send(part, { binary: true, fin: index === parts.length - 1 }, (error) => {
        this.held.left(!error && !this.socket.destroyed);
        this.noteRoom(connection);
      });
    });
    return this.hasRoom(connection);
  }

  /**
   * Past the library, which would make a frame for each exchange; nothing of its own may wait
   * there.
   */
  writeShared(connection: WebSocket, output: SharedOutput): boolean {
    const { socket } = this;
    const parts = output.framedFor("websocket", messageOf);
    if (writePromptly(parts, socket)) return true;
    for (const part of parts) this.held.wrote(part);
    afterWrites(socket, (error) => {
      for (let left = parts.length; left > 0; left--) this.held.left(!error && !socket.destroyed);
      this.noteRoom(connection);
    });
    return this.hasRoom(connection);
  }

  whenWritable(connection: WebSocket): Promise<void> {
    if (this.hasRoom(connection)) return Promise.resolve();
    return new Promise((resolve) => this.roomListeners.push(resolve));
  }

  /** The connection is gone: nothing of it waits any more, and whoever waited for room goes on. */
  close(): void {
    this.held.clear();
    for (const listener of this.roomListeners.splice(0)) listener();
  }

  private hasRoom(connection: WebSocket): boolean {
    return connection.bufferedAmount < MAX_BUFFERED_BYTES && !this.held.isFull;
  }

  private noteRoom(connection: WebSocket): void {
    if (connection.bufferedAmount >= MAX_BUFFERED_BYTES / 2) return;
    for (const listener of this.roomListeners.splice(0)) listener();
  }
}
