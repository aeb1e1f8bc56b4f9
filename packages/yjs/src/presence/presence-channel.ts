// Who is there and where: states of an awareness, in a stream of its own that never grows. Each of
// us tells its own state alone, the newest at most so often, and takes away what nobody needs: who
// comes sees the last few, and everybody tells anew within 15 seconds.

import { AppendRecord, type ReadRecord, type S2Stream } from "@s2kit/client";
import { type Clock, isCommandRecord, type Random, sleep } from "@s2kit/core";
import { type Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import { backoffMs } from "../backoff.js";

export interface PresenceComponents {
  readonly awareness: Awareness;
  readonly stream: S2Stream;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** @returns true when the failure is mended */
  readonly mend: (error: unknown) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Records that whoever comes is shown, and that are kept. */
const SHOWN = 128;
/** Records that are kept at most, but for those that come before the next of ours. */
const MAX_KEPT: number = 4 * SHOWN;
/** Between two records of ours: a cursor that moves tells no more. */
const PAUSE_MS = 50;

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

export class PresenceChannel {
  readonly #components: PresenceComponents;
  /** Behind the last record that was read. */
  #next = 0;
  #trimmedTo = 0;
  #state: "closed" | "idle" | "sending" = "idle";
  #isStale = false;
  /** What is being told at present. Never rejects. */
  #sending: Promise<void> = Promise.resolve();

  constructor(components: PresenceComponents) {
    this.#components = components;
    components.awareness.on("update", this.#onUpdate);
    this.#tell();
    void this.#read();
  }

  /** Says that we are not there any more, as long as the server answers. */
  async leave(): Promise<void> {
    if (this.#state === "closed") return;
    const { awareness } = this.#components;
    if (awareness.getLocalState() !== null) awareness.setLocalState(null);
    await this.#sending;
    this.stop();
  }

  stop(): void {
    this.#state = "closed";
    this.#components.awareness.off("update", this.#onUpdate);
  }

  /** What others told is theirs, and what timed out here does so there. */
  readonly #onUpdate = ({ added, updated, removed }: AwarenessChange, origin: unknown): void => {
    const { clientID } = this.#components.awareness;
    if (origin === this) return;
    if ([...added, ...updated, ...removed].includes(clientID)) this.#tell();
  };

  #tell(): void {
    this.#isStale = true;
    if (this.#state !== "idle") return;
    this.#state = "sending";
    this.#sending = this.#send();
  }

  async #send(): Promise<void> {
    const { clock, signal, onError } = this.#components;
    while (this.#isStale && this.#state === "sending" && !signal.aborted) {
      this.#isStale = false;
      try {
        await this.#append();
      } catch (error) {
        // The next state is told, or the same one, which is renewed.
        if (!signal.aborted) onError(error);
      }
      if (this.#isStale) await sleep(clock, PAUSE_MS, signal);
    }
    if (this.#state === "sending") this.#state = "idle";
  }

  async #append(): Promise<void> {
    const { awareness, stream, signal, mend } = this.#components;
    const body = encodeAwarenessUpdate(awareness, [awareness.clientID]);
    const records = [AppendRecord.bytes({ body })];
    const trimTo = this.#next - this.#trimmedTo > MAX_KEPT ? this.#next - SHOWN : undefined;
    if (trimTo !== undefined) records.push(AppendRecord.trim(trimTo));
    try {
      await stream.append({ records }, { signal });
    } catch (error) {
      if (signal.aborted || !(await mend(error))) throw error;
      await stream.append({ records }, { signal });
    }
    if (trimTo !== undefined) this.#trimmedTo = trimTo;
  }

  async #read(): Promise<void> {
    const { clock, random, signal, mend, onError } = this.#components;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        await this.#readOnce(() => (tries = 0));
      } catch (error) {
        if (signal.aborted) return;
        const isMended = await mend(error).catch(() => false);
        if (!isMended) onError(error);
      }
      await sleep(clock, backoffMs(tries, random), signal);
    }
  }

  async #readOnce(onProgress: () => void): Promise<void> {
    const { stream, signal } = this.#components;
    const start = { from: { tailOffset: SHOWN }, clamp: true };
    const session = await stream.readSession({ start }, { as: "bytes", signal });
    for await (const { records } of session.batches()) {
      onProgress();
      for (const record of records) this.#take(record);
    }
  }

  #take(record: ReadRecord<"bytes">): void {
    const { awareness, onError } = this.#components;
    this.#next = record.seqNum + 1;
    if (isCommandRecord(record)) return;
    try {
      applyAwarenessUpdate(awareness, record.body, this);
    } catch (error) {
      onError(error);
    }
  }
}
