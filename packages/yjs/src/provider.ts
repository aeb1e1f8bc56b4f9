// A document of Yjs in a stream: puts the rooms together, and says what is going on. What was
// edited goes out by the outbox, what others edited comes by the reader, and the log says what
// that is.

import type { ReadRecord } from "@s2kit/client";
import { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import { Compaction } from "./document/compaction.js";
import { DocumentLog } from "./document/document-log.js";
import { readDocument } from "./document/document-reader.js";
import { Outbox } from "./document/outbox.js";
import { Replica } from "./document/replica.js";
import type { ProviderEvents, ProviderStatus } from "./listeners.js";
import { DOCUMENT_CONFIG, madeMissing, PRESENCE_CONFIG } from "./made-streams.js";
import { type ProviderSettings, settingsOf, type YjsProviderComponents } from "./options.js";
import { PresenceChannel } from "./presence/presence-channel.js";
import { DocumentStreamError } from "./problems.js";
import { ProviderState } from "./provider-state.js";

/**
 * Keeps a document in a stream, from now until it is closed.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` for a name, a number or an option that is none
 */
export function createYjsProvider(doc: Doc, components: YjsProviderComponents): YjsProvider {
  return new YjsProvider(doc, settingsOf(components));
}

/** A document that is kept in a stream. */
export class YjsProvider implements AsyncDisposable {
  readonly doc: Doc;
  /** Who is there; null when nobody is told. */
  readonly awareness: Awareness | null;
  readonly #settings: ProviderSettings;
  readonly #closing = new AbortController();
  readonly #state: ProviderState;
  readonly #log = new DocumentLog();
  readonly #replica: Replica;
  readonly #outbox: Outbox;
  readonly #compaction: Compaction;
  readonly #presence: PresenceChannel | undefined;

  /** @internal */
  constructor(doc: Doc, settings: ProviderSettings) {
    this.doc = doc;
    this.#settings = settings;
    const { basin, stream: name, clock, random, onError } = settings;
    const { signal } = this.#closing;
    const stream = basin.stream(name, { streamConfig: DOCUMENT_CONFIG });
    this.#state = new ProviderState(onError);
    this.#replica = new Replica(doc, this);
    const shared = { stream, clock, random, signal };
    this.#compaction = new Compaction({
      ...shared,
      log: this.#log,
      afterRecords: settings.afterRecords,
      leaseMs: settings.leaseMs,
      encode: () => this.#replica.encode(),
      onError,
    });
    this.#outbox = new Outbox({
      ...shared,
      token: () => this.#log.token,
      onSent: () => this.#sent(),
      onFailure: (error) => this.#lost(error),
      onEmpty: () => {
        this.#state.isSaved = true;
      },
    });
    this.awareness = settings.awareness === undefined ? new Awareness(doc) : settings.awareness;
    this.#presence = this.#joined(this.awareness);
    doc.on("update", this.#onUpdate);
    doc.on("destroy", this.destroy);
    void readDocument(
      {
        ...shared,
        next: () => this.#log.next,
        onRecord: (record) => this.#take(record),
        onTail: () => this.#reached(),
        onLost: (error) => this.#disconnected(error),
        onRestart: () => this.#restart(),
        mend: (error) => madeMissing(error, basin, name, DOCUMENT_CONFIG),
      },
      signal,
    );
  }

  get status(): ProviderStatus {
    return this.#state.status;
  }

  /** Everything that was there when the connection began has been read. */
  get isSynced(): boolean {
    return this.#state.isSynced;
  }

  /** Everything that was edited here is durable. */
  get isSaved(): boolean {
    return this.#state.isSaved;
  }

  /** @returns whether the listener was taken: of one provider there are 1000 of a name at most */
  on<Name extends keyof ProviderEvents>(name: Name, listener: ProviderEvents[Name]): boolean {
    return this.#state.on(name, listener);
  }

  off<Name extends keyof ProviderEvents>(name: Name, listener: ProviderEvents[Name]): void {
    this.#state.off(name, listener);
  }

  /**
   * Replaces what is stored by a snapshot, while others write on.
   *
   * @param options.isForced - also when that loses records that could not be read. Default false
   * @returns false when somebody else does it, when something would be lost, or when offline
   * @throws {S2Error} `permission_denied` without the right to fence and trim
   */
  async compact({ isForced = false }: { readonly isForced?: boolean } = {}): Promise<boolean> {
    return this.#state.isSynced && (await this.#compaction.run(isForced));
  }

  /** Leaves once what was edited is durable, or cannot be made so now. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    await this.#state.settled();
    if (this.#state.status === "connected") await this.#presence?.leave();
    this.destroy();
  }

  /** Leaves at once: what is not durable is lost, unless the document is kept elsewhere too. */
  readonly destroy = (): void => {
    if (this.#closing.signal.aborted) return;
    this.doc.off("update", this.#onUpdate);
    this.doc.off("destroy", this.destroy);
    this.#presence?.stop();
    this.#closing.abort();
    if (this.#settings.awareness === undefined) this.awareness?.destroy();
    this.#replica.leave();
    this.#state.isSynced = false;
    this.#state.status = "disconnected";
    this.#state.end();
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.#state.isSaved = false;
    this.#outbox.add(update);
  };

  #take(record: ReadRecord<"bytes">): void {
    const { onError } = this.#settings;
    const { update, problem, isOfSnapshot } = this.#log.push(record);
    const { fence } = this.#log;
    if (fence?.seqNum === record.seqNum) this.#compaction.fenced(fence);
    else if (isOfSnapshot === true) this.#compaction.heard();
    if (problem !== undefined) onError(new DocumentStreamError(problem, record.seqNum));
    if (update === undefined) return;
    try {
      this.#replica.apply(update, onError);
    } catch (error) {
      this.#log.leaveOut();
      onError(new DocumentStreamError("unreadable", record.seqNum, error));
    }
  }

  #reached(): void {
    const { problem } = this.#log.atTail();
    if (problem !== undefined)
      this.#settings.onError(new DocumentStreamError(problem, this.#log.next));
    const missing = this.#replica.takeMissing();
    if (missing !== undefined) this.#state.isSaved = false;
    this.#outbox.open(missing);
    this.#state.status = "connected";
    this.#state.isSynced = true;
    if (this.#outbox.isEmpty) this.#state.isSaved = true;
  }

  #restart(): void {
    this.#log.restart();
    this.#compaction.restarted();
    this.#replica.expectAll();
    this.#state.isSynced = false;
  }

  #sent(): void {
    if (this.#state.isSynced) this.#state.status = "connected";
    this.#compaction.considered();
  }

  #disconnected(error: unknown): void {
    this.#state.isSynced = false;
    this.#lost(error);
  }

  /** Reading and writing are tried again; whoever waits for them need not. */
  #lost(error: unknown): void {
    this.#settings.onError(error);
    this.#state.status = "disconnected";
  }

  #joined(awareness: Awareness | null): PresenceChannel | undefined {
    if (awareness === null) return undefined;
    const { basin, awarenessStream: name, clock, random, onError } = this.#settings;
    return new PresenceChannel({
      awareness,
      stream: basin.stream(name, { streamConfig: PRESENCE_CONFIG }),
      clock,
      random,
      signal: this.#closing.signal,
      mend: (error) => madeMissing(error, basin, name, PRESENCE_CONFIG),
      onError,
    });
  }
}
