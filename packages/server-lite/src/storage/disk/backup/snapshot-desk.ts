// Where a running server lends its directory to who copies it: a socket in the directory, which
// only its owner may open. The desk hands over a plan and the state; the files are copied by the
// other process, which needs nothing of the server for that but that they stay. One at a time. Who
// goes away, or says nothing for a while, has its pins taken back. docs/decisions/0133.

import * as fs from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { type Clock, S2Error, type Timer } from "@s2kit/core";
import { type Address, addressOf } from "../medium/life-sign.js";
import {
  DESK_SOCKET,
  encodeJson,
  encodeMessage,
  jsonOf,
  KIND_ENTRIES,
  MessageDecoder,
} from "./desk-wire.js";
import { encodeEntries } from "./entry-bytes.js";
import { SNAPSHOT_VERSION } from "./plan.js";
import type { SnapshotPins, SnapshotTaker } from "./snapshot.js";

/** A process that copies says something every few seconds. */
const SILENCE_MS = 60_000;

export interface SnapshotDeskComponents {
  readonly clock: Clock;
  readonly directory: string;
  takeSnapshot(taker: SnapshotTaker): Promise<SnapshotPins>;
}

export interface SnapshotDesk {
  /** 1 while somebody copies. */
  readonly guests: number;
  /** Wall clock ms when a copy was last finished; undefined since the start. */
  readonly finishedMs: number | undefined;
  close(): Promise<void>;
}

/** @returns undefined where the file system, or the length of the path, allows no socket */
export async function openSnapshotDesk(
  components: SnapshotDeskComponents,
): Promise<SnapshotDesk | undefined> {
  const { directory } = components;
  const address = addressOf(directory, DESK_SOCKET);
  if (address === undefined) return undefined;
  // Of a process that was killed: the directory is ours.
  fs.rmSync(`${directory}/${DESK_SOCKET}`, { force: true });
  const desk = new Desk(components, address);
  return (await desk.open()) ? desk : undefined;
}

class Desk implements SnapshotDesk {
  finishedMs: number | undefined = undefined;
  private readonly components: SnapshotDeskComponents;
  private readonly address: Address;
  private readonly server: Server;
  private guest: Guest | undefined = undefined;

  constructor(components: SnapshotDeskComponents, address: Address) {
    this.components = components;
    this.address = address;
    this.server = createServer((socket) => this.welcome(socket));
    // One at a time, and one that hears so.
    this.server.maxConnections = 8;
  }

  get guests(): number {
    return this.guest === undefined ? 0 : 1;
  }

  async open(): Promise<boolean> {
    const { server, address, components } = this;
    const isListening = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen({ path: address.path, exclusive: true }, () => resolve(true));
    });
    server.on("error", () => undefined);
    if (!isListening) {
      address.close();
      return false;
    }
    server.unref();
    // Also where the directory lets others in. Pipes of Windows have no file.
    if (process.platform !== "win32") fs.chmodSync(`${components.directory}/${DESK_SOCKET}`, 0o600);
    return true;
  }

  async close(): Promise<void> {
    this.guest?.leave();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.address.close();
    fs.rmSync(`${this.components.directory}/${DESK_SOCKET}`, { force: true });
  }

  private welcome(socket: Socket): void {
    if (this.guest !== undefined) {
      socket.on("error", () => socket.destroy());
      const error = "another backup is being taken: wait until it is done";
      // It may never close its side: nobody waits for that.
      socket.end(encodeJson({ error }), () => socket.destroy());
      return;
    }
    const guest: Guest = new Guest(this.components, socket, {
      onFinished: () => {
        this.finishedMs = this.components.clock.now();
      },
      onGone: () => {
        if (this.guest === guest) this.guest = undefined;
      },
    });
    this.guest = guest;
  }
}

interface GuestListener {
  onFinished(): void;
  onGone(): void;
}

/** One connection: asks once, copies, and goes. */
class Guest {
  private readonly components: SnapshotDeskComponents;
  private readonly socket: Socket;
  private readonly listener: GuestListener;
  private readonly decoder = new MessageDecoder();
  private silence: Timer | undefined;
  private hasAsked = false;
  private pins: SnapshotPins | undefined = undefined;

  constructor(components: SnapshotDeskComponents, socket: Socket, listener: GuestListener) {
    this.components = components;
    this.socket = socket;
    this.listener = listener;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => this.hear(chunk));
    socket.once("end", () => this.leave());
    socket.once("close", () => this.gone());
    this.waitOn();
  }

  leave(): void {
    this.socket.destroy();
  }

  private gone(): void {
    this.silence?.cancel();
    this.pins?.release();
    this.listener.onGone();
  }

  private waitOn(): void {
    this.silence?.cancel();
    const { clock } = this.components;
    this.silence = clock.setTimer(() => this.leave(), SILENCE_MS, { keepsAlive: false });
  }

  private hear(chunk: Uint8Array): void {
    this.waitOn();
    for (const message of this.decoder.push(chunk) ?? [undefined]) {
      const request = message === undefined ? undefined : jsonOf(message);
      if (!this.answer(request)) return this.refuse("the request is not understood");
    }
  }

  private answer(request: Record<string, unknown> | undefined): boolean {
    switch (request?.["ask"]) {
      case "snapshot":
        if (this.hasAsked || request["version"] !== SNAPSHOT_VERSION) return false;
        this.hasAsked = true;
        void this.hand();
        return true;
      case "wait":
        return true;
      case "release-log":
        this.pins?.releaseLog();
        return this.pins !== undefined;
      case "finish":
        if (this.pins === undefined) return false;
        this.listener.onFinished();
        this.socket.end(encodeJson({ held: true }));
        return true;
      default:
        return false;
    }
  }

  private async hand(): Promise<void> {
    let entries = 0;
    try {
      const pins = await this.components.takeSnapshot({
        plan: (plan) => this.send(encodeJson({ plan })),
        entries: async (page) => {
          entries += page.length;
          await this.send(encodeMessage(KIND_ENTRIES, encodeEntries(page)));
        },
      });
      if (this.socket.destroyed) return pins.release();
      this.pins = pins;
      await this.send(encodeJson({ entries }));
    } catch (error) {
      this.refuse(S2Error.from(error, "storage").message);
    }
  }

  /**
   * Waits for a guest that takes its time; one that takes nothing has to go, whatever it says: the
   * background rests meanwhile, and the log grows.
   */
  private async send(bytes: Uint8Array): Promise<void> {
    const { socket } = this;
    if (!socket.destroyed && socket.write(bytes)) return;
    const { clock } = this.components;
    const timer = clock.setTimer(() => this.leave(), SILENCE_MS, { keepsAlive: false });
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.once("drain", done);
      socket.once("close", done);
      if (socket.destroyed) done();
    });
    timer.cancel();
    if (socket.destroyed) throw new S2Error({ code: "storage", message: "the copy was given up" });
  }

  private refuse(error: string): void {
    if (!this.socket.destroyed) this.socket.end(encodeJson({ error }));
  }
}
