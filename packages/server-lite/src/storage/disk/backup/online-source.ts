// A directory that a server uses, as the other side of its snapshot desk. Says every few seconds
// that it is there; when the server ends, nothing that was copied counts.

import { connect, type Socket } from "node:net";
import { type Clock, deferred, S2Error, type Timer } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { systemCodeOf } from "../medium/disk.js";
import { addressOf } from "../medium/life-sign.js";
import {
  DESK_SOCKET,
  type DeskMessage,
  encodeJson,
  jsonOf,
  KIND_ENTRIES,
  MessageDecoder,
  type Request,
} from "./desk-wire.js";
import { SNAPSHOT_VERSION, type SnapshotPlan } from "./plan.js";
import type { SnapshotSource } from "./snapshot-source.js";

const WORD_EVERY_MS = 10_000;

/**
 * Asks the server of a directory for a snapshot.
 *
 * @returns undefined when no server answers there
 * @throws {S2Error} `storage` when it refuses, or ends
 */
export async function openOnlineSource(
  directory: string,
  clock: Clock,
): Promise<SnapshotSource | undefined> {
  const address = addressOf(directory, DESK_SOCKET);
  if (address === undefined) return undefined;
  try {
    const socket = await connected(address.path);
    if (socket === undefined) return undefined;
    const line = new Line(socket, clock);
    try {
      line.say({ ask: "snapshot", version: SNAPSHOT_VERSION });
      const { plan } = await line.json();
      return new OnlineSource(line, requirePlan(plan));
    } catch (error) {
      line.close();
      throw error;
    }
  } finally {
    address.close();
  }
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) => {
      const code = systemCodeOf(error);
      if (code === "ENOENT" || code === "ECONNREFUSED") resolve(undefined);
      else
        reject(
          storageError(
            `the server of the directory cannot be asked: run as its user cause=${code} path=${path}`,
            error,
          ),
        );
    });
  });
}

function requirePlan(plan: unknown): SnapshotPlan {
  const { version } = (plan ?? {}) as { readonly version?: unknown };
  if (version !== SNAPSHOT_VERSION)
    throw storageError(
      `the server takes snapshots of another version: use its own s2kit version=${String(version)} supported=${SNAPSHOT_VERSION}`,
    );
  return plan as SnapshotPlan;
}

class OnlineSource implements SnapshotSource {
  readonly isOnline = true;
  readonly plan: SnapshotPlan;
  private readonly line: Line;

  constructor(line: Line, plan: SnapshotPlan) {
    this.line = line;
    this.plan = plan;
  }

  get state(): AsyncIterable<Uint8Array> {
    return this.line.entries();
  }

  releaseLog(): void {
    this.line.say({ ask: "release-log" });
  }

  async finish(): Promise<void> {
    this.line.say({ ask: "finish" });
    const { held } = await this.line.json();
    if (held !== true) throw ended();
  }

  close(): Promise<void> {
    this.line.close();
    return Promise.resolve();
  }
}

/** Messages of the desk, one by one, with the socket held back while they are not taken. */
class Line {
  private readonly socket: Socket;
  private readonly decoder = new MessageDecoder();
  private readonly messages: DeskMessage[] = [];
  private readonly clock: Clock;
  private wake = deferred<void>();
  private isOver = false;
  private word: Timer | undefined = undefined;

  constructor(socket: Socket, clock: Clock) {
    this.socket = socket;
    this.clock = clock;
    socket.on("data", (chunk: Buffer) => {
      const found = this.decoder.push(chunk);
      if (found === undefined) socket.destroy();
      else this.messages.push(...found);
      if (this.messages.length > 0) socket.pause();
      this.tell();
    });
    const over = (): void => {
      this.isOver = true;
      this.word?.cancel();
      this.tell();
    };
    socket.on("error", over);
    socket.once("close", over);
    socket.once("end", over);
    this.sayAlive();
  }

  say(request: Request): void {
    if (!this.socket.destroyed) this.socket.write(encodeJson(request));
  }

  close(): void {
    this.word?.cancel();
    this.socket.destroy();
  }

  async next(): Promise<DeskMessage> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined) return message;
      if (this.isOver) throw ended();
      this.socket.resume();
      await this.wake.promise;
    }
  }

  /** @throws {S2Error} `storage` with what the server says */
  async json(): Promise<Record<string, unknown>> {
    const value = jsonOf(await this.next()) ?? {};
    if (typeof value["error"] === "string")
      throw new S2Error({ code: "storage", message: value["error"] });
    return value;
  }

  async *entries(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = await this.next();
      if (message.kind === KIND_ENTRIES) {
        yield message.payload;
        continue;
      }
      const { error } = jsonOf(message) ?? {};
      if (typeof error === "string") throw new S2Error({ code: "storage", message: error });
      return;
    }
  }

  private sayAlive(): void {
    this.word = this.clock.setTimer(
      () => {
        this.say({ ask: "wait" });
        if (!this.isOver) this.sayAlive();
      },
      WORD_EVERY_MS,
      { keepsAlive: false },
    );
  }

  private tell(): void {
    this.wake.resolve();
    this.wake = deferred<void>();
  }
}

function ended(): S2Error {
  return storageError(
    "the server ended, or gave the backup up: run it again, what is copied is used",
  );
}
