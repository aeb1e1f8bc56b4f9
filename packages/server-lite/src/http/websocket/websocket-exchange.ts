// An upgrade request as an exchange like any other, so that routes and sessions need not know.
// Browsers cannot see the status of a refused upgrade, so an error answer becomes a terminal frame
// on an accepted one. Spec: docs/protocol/websocket.md.

import {
  type Clock,
  decodeUtf8Lossy,
  encodeTerminalFrame,
  MEDIA_JSON,
  MEDIA_S2S,
  S2Error,
} from "@s2kit/core";
import type { WebSocket, WebSocketServer } from "ws";
import { BodyFlow } from "../../exchange/body-flow.js";
import type { BodyGuard } from "../../exchange/body-guard.js";
import {
  type BodySink,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "../../exchange/exchange.js";
import type { SharedOutput } from "../../exchange/shared-output.js";
import { giveAway } from "../../lending/lent-buffers.js";
import { HeldUpload } from "../held-upload.js";
import { endSocket, LAST_WORDS_MS } from "../last-words.js";
import { isPrompt } from "../prompt-write.js";
import { BASE_WINDOW_BYTES } from "../upload-windows.js";
import { GatheredMessage } from "./gathered-message.js";
import { takeOver, type Upgrade, writeHead } from "./upgrade.js";
import { terminalStatusOf } from "./websocket-message.js";
import { WebSocketOutput } from "./websocket-output.js";
import type { WebSocketRequest } from "./websocket-request.js";

/** Close codes of failed sessions: this plus the status of the terminal frame. */
const CLOSE_CODE_BASE = 4000;
const CLOSE_NORMAL = 1000;
/** The state of a connection on which messages may go. */
const OPEN = 1;
const NO_BYTES = new Uint8Array(0);

interface WebSocketComponents {
  readonly clock: Clock;
  readonly server: WebSocketServer;
  readonly guard: BodyGuard;
}

/** How the upgrade request was answered. */
type Answer =
  | { readonly kind: "none"; readonly connection: undefined }
  /** By an ordinary HTTP response: there is no session. */
  | { readonly kind: "plain"; readonly connection: undefined }
  | { readonly kind: "session"; readonly connection: WebSocket }
  /** By a session that only tells an error: the body leaves as its terminal frame. */
  | { readonly kind: "error"; readonly connection: WebSocket; readonly status: number };

const NONE: Answer = { kind: "none", connection: undefined };
const PLAIN: Answer = { kind: "plain", connection: undefined };

export class WebSocketExchange implements Exchange {
  readonly protocol = "WebSocket";
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly defect: S2Error | undefined;
  readonly bodyGuard: BodyGuard;
  readonly connection: object;
  isGone = false;
  private readonly asked: WebSocketRequest;
  private readonly upgrade: Upgrade;
  private readonly server: WebSocketServer;
  private readonly clock: Clock;
  private readonly heldBack: HeldUpload;
  private readonly output: WebSocketOutput;
  private readonly gathered: GatheredMessage;
  private readonly body = new BodyFlow();
  private added: ResponseHeaders = {};
  private answer: Answer = NONE;
  /** Of a terminal frame that the session wrote. */
  private terminalStatus: number | undefined = undefined;
  private readonly closeListeners: (() => void)[] = [];

  constructor(
    asked: WebSocketRequest,
    upgrade: Upgrade,
    { clock, server, guard }: WebSocketComponents,
  ) {
    this.method = asked.method;
    this.path = asked.path;
    this.query = asked.query;
    this.defect = asked.defect;
    this.bodyGuard = guard;
    this.asked = asked;
    this.upgrade = upgrade;
    this.connection = upgrade.socket;
    this.server = server;
    this.clock = clock;
    this.heldBack = new HeldUpload(guard.budget, () => this.abort());
    this.output = new WebSocketOutput(upgrade.socket, guard.budget, () => this.abort());
    this.gathered = new GatheredMessage(guard, () => this.abort());
    upgrade.socket.on("error", () => this.close());
    upgrade.socket.once("close", () => this.close());
  }

  get hasResponded(): boolean {
    return this.answer.kind !== "none";
  }

  header(name: string): string | undefined {
    return this.asked.header(name);
  }

  consume(sink: BodySink): void {
    const { body } = this;
    const { connection } = this.answer;
    // Without a session there is no body.
    if (connection === undefined) body.end();
    connection?.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary)
        body.fail(new S2Error({ code: "bad_frame", message: "expected binary messages" }));
      else if (data.length > 0) body.chunk(data);
      // The half close of a client: it wants its remaining acks.
      else body.end();
    });
    body.attach(sink);
  }

  pause(): boolean {
    if (!this.heldBack.tryHold(BASE_WINDOW_BYTES)) return false;
    this.answer.connection?.pause();
    return true;
  }

  resume(): void {
    this.heldBack.release();
    this.answer.connection?.resume();
  }

  onClose(listener: () => void): void {
    if (this.isGone) listener();
    else this.closeListeners.push(listener);
  }

  addHeaders(headers: ResponseHeaders): void {
    this.added = mergeHeaders(this.added, headers);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (this.isGone) return;
    if (status < 400 && headers["content-type"] !== MEDIA_S2S) {
      this.answer = PLAIN;
      writeHead(this.upgrade.socket, status, mergeHeaders(this.added, headers));
      return;
    }
    const connection = takeOver(this.server, this.upgrade, this.gathered, {
      onArrived: (bytes) => {
        if (!this.isGone && !this.gathered.tryAdd(bytes)) this.abort();
      },
      onClosed: () => {
        this.close();
        this.body.cut();
      },
    });
    if (connection === undefined) this.answer = PLAIN;
    else if (status >= 400) this.answer = { kind: "error", connection, status };
    else this.answer = { kind: "session", connection };
    // A handshake that is broken in itself was answered by the library.
    if (connection === undefined) this.close();
  }

  write(parts: readonly Uint8Array[]): boolean {
    const { connection } = this.answer;
    if (this.isGone) return true;
    this.terminalStatus = terminalStatusOf(parts[0]) ?? this.terminalStatus;
    if (connection === undefined) {
      for (const part of parts) {
        giveAway(part.buffer);
        this.upgrade.socket.write(part);
      }
      return true;
    }
    return this.output.write(connection, parts);
  }

  writeShared(output: SharedOutput): boolean {
    const { connection } = this.answer;
    if (connection?.readyState !== OPEN || this.isGone || !isPrompt(this.upgrade.socket))
      return this.write(output.parts);
    return this.output.writeShared(connection, output);
  }

  whenWritable(): Promise<void> {
    const { connection } = this.answer;
    if (this.isGone || connection === undefined) return Promise.resolve();
    return this.output.whenWritable(connection);
  }

  end(last?: Uint8Array): void {
    if (this.isGone) return;
    const { answer } = this;
    if (answer.kind === "error")
      this.write([encodeTerminalFrame(answer.status, decodeUtf8Lossy(last ?? NO_BYTES))]);
    else if (last !== undefined) this.write([last]);
    const { terminalStatus } = this;
    const { connection } = answer;
    if (connection === undefined) {
      endSocket(this.upgrade.socket, this.clock);
      return;
    }
    connection.close(
      terminalStatus === undefined ? CLOSE_NORMAL : CLOSE_CODE_BASE + terminalStatus,
    );
    // There never was a session. The library would wait six times as long for the peer's close
    // frame.
    if (answer.kind === "error") this.limit(connection);
  }

  abort(): void {
    this.answer.connection?.terminate();
    this.upgrade.socket.destroy();
  }

  private limit(connection: WebSocket): void {
    const timer = this.clock.setTimer(() => connection.terminate(), LAST_WORDS_MS, {
      keepsAlive: false,
    });
    this.onClose(() => timer.cancel());
  }

  /** Refuses the upgrade itself, as an ordinary HTTP answer. */
  refuse(error: S2Error): void {
    const body = JSON.stringify({ code: error.code, message: error.rawMessage });
    this.answer = PLAIN;
    writeHead(this.upgrade.socket, error.status, {
      "content-type": MEDIA_JSON,
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
    });
    endSocket(this.upgrade.socket, this.clock, body);
  }

  private close(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.output.close();
    this.heldBack.release();
    this.gathered.give();
    if (this.answer.connection === undefined) this.body.cut();
    for (const listener of this.closeListeners.splice(0)) listener();
  }
}
