// The store of assistant-ui's resumable streams, one stream each. Acquiring is claiming it, a lease
// is a fencing token, so the server compares it with what is written in one step.

import type { S2Stream } from "@s2kit/client";
import type { GenerationsComponents } from "../generation/components.js";
import { Generations } from "../generation/generations.js";
import type { HeldGeneration } from "../generation/held.js";
import { MAX_CHUNK_BYTES } from "../generation/parts.js";
import type { GenerationState } from "../generation/state.js";
import { GenerationLostError, type GenerationWriter } from "../generation/writer.js";
import { HeldStreams } from "./held-streams.js";
import {
  type ResumableStore,
  ResumableStoreError,
  type StoreAcquireOptions,
  type StoreAcquisition,
  type StoreEntry,
  type StoreLease,
  type StoreStatus,
} from "./store-face.js";

const STREAM_ID = /^[A-Za-z0-9_.:-]{1,256}$/;

/** @throws {S2Error} `INVALID_ARGUMENT` for a lease duration that is none */
export function createResumableStore(components: GenerationsComponents): ResumableStore {
  return new S2ResumableStore(components);
}

class S2ResumableStore implements ResumableStore {
  readonly #components: GenerationsComponents;
  readonly #generations: Generations;
  readonly #held = new HeldStreams();

  constructor(components: GenerationsComponents) {
    this.#components = components;
    this.#generations = new Generations(components);
  }

  async acquire(
    streamId: string,
    options?: StoreAcquireOptions,
  ): Promise<StoreAcquisition["role"]> {
    return (await this.acquireLease(streamId, options)).role;
  }

  async acquireLease(
    streamId: string,
    { ttlMs }: StoreAcquireOptions = {},
  ): Promise<StoreAcquisition> {
    this.#held.requireRoom();
    const generations = this.#lasting(ttlMs);
    const stream = streamOf(generations, streamId);
    const state = await generations.stateOf(stream);
    const writer = await begun(generations, stream, state);
    if (writer === undefined) return { role: "consumer" };
    const { token } = this.#hold(streamId, writer);
    return { role: "producer", lease: { token } };
  }

  async append(streamId: string, chunk: Uint8Array, lease?: StoreLease): Promise<void> {
    const stream = streamOf(this.#generations, streamId);
    const held = await this.#writerOf(streamId, lease);
    if (held === undefined) throw await this.#refused(stream, streamId);
    try {
      for (let at = 0; at < chunk.length; at += MAX_CHUNK_BYTES)
        await held.append([chunk.subarray(at, at + MAX_CHUNK_BYTES)]);
    } catch (error) {
      if (error instanceof GenerationLostError) throw await this.#refused(stream, streamId);
      throw error;
    }
  }

  async finalize(
    streamId: string,
    status: "done" | "error",
    _error?: string,
    lease?: StoreLease,
  ): Promise<boolean> {
    const stream = streamOf(this.#generations, streamId);
    const held = await this.#writerOf(streamId, lease);
    if (held !== undefined) {
      const isOurs = await held.end(status === "done" ? "end" : "error");
      this.#held.remove(streamId, held);
      return isOurs;
    }
    if (isMissing(await this.#generations.stateOf(stream))) throw missing(streamId);
    return false;
  }

  async *read(
    streamId: string,
    cursor: string,
    signal: AbortSignal,
  ): AsyncGenerator<StoreEntry, void, undefined> {
    const stream = streamOf(this.#generations, streamId);
    const from = cursor === "" ? 0 : nextOf(cursor);
    if (signal.aborted) return;
    const state = await this.#generations.stateOf(stream);
    if (isMissing(state)) throw missing(streamId);
    if (state.kind === "over" && from >= state.tail) return;
    for await (const { seqNum, bytes } of this.#generations.follow(stream, from, signal)) {
      if (signal.aborted) return;
      // A view of what came with it: the reader may keep this one for long, or change it.
      yield { cursor: String(seqNum), chunk: bytes.slice() };
    }
  }

  async status(streamId: string): Promise<StoreStatus> {
    const state = await this.#generations.stateOf(streamOf(this.#generations, streamId));
    if (state.kind === "running") return "streaming";
    if (state.kind === "none" || state.ending === "gone") return "missing";
    return state.ending === "error" ? "error" : "done";
  }

  async delete(streamId: string): Promise<void> {
    await this.#generations.remove(streamOf(this.#generations, streamId));
    const held = this.#held.get(streamId);
    if (held !== undefined) this.#held.remove(streamId, held);
  }

  async stop(streamId: string): Promise<boolean> {
    return this.#generations.stop(streamOf(this.#generations, streamId));
  }

  #lasting(ttlMs: number | undefined): Generations {
    if (ttlMs === undefined) return this.#generations;
    const retentionSecs = Math.max(1, Math.ceil(ttlMs / 1000));
    return new Generations({ ...this.#components, retentionSecs });
  }

  #hold(streamId: string, writer: GenerationWriter): HeldGeneration {
    const held = this.#generations.hold(streamId, writer, () => this.#held.remove(streamId, held));
    this.#held.add(streamId, held);
    return held;
  }

  /** The one of a lease, or of what runs; a lease of another process is taken up here. */
  async #writerOf(streamId: string, lease?: StoreLease): Promise<HeldGeneration | undefined> {
    const held = this.#held.get(streamId, lease?.token);
    if (held !== undefined) return held;
    const stream = streamOf(this.#generations, streamId);
    if (isMissing(await this.#generations.stateOf(stream))) return undefined;
    const writer = await this.#generations.reopen(stream, lease?.token);
    return writer === undefined ? undefined : this.#hold(streamId, writer);
  }

  async #refused(stream: S2Stream, streamId: string): Promise<ResumableStoreError> {
    const state = await this.#generations.stateOf(stream);
    if (state.kind !== "over" || isMissing(state)) return missing(streamId);
    return new ResumableStoreError("finalized", `stream already finalized streamId=${streamId}`);
  }
}

function streamOf(generations: Generations, streamId: string): S2Stream {
  if (STREAM_ID.test(streamId)) return generations.streamOf(streamId);
  throw new ResumableStoreError(
    "invalid-id",
    `a stream id must match ${STREAM_ID} streamId=${JSON.stringify(streamId)}`,
  );
}

/** What was deleted, and what has expired, can begin again. */
async function begun(
  generations: Generations,
  stream: S2Stream,
  state: GenerationState,
): Promise<GenerationWriter | undefined> {
  if (state.kind === "none") return generations.claim(stream, 0);
  return state.kind === "over" && isMissing(state)
    ? generations.claim(stream, state.tail, true)
    : undefined;
}

function isMissing(state: GenerationState): boolean {
  return state.kind === "none" || (state.kind === "over" && state.ending === "gone");
}

function missing(streamId: string): ResumableStoreError {
  return new ResumableStoreError("missing", `stream not found streamId=${streamId}`);
}

/** @throws {ResumableStoreError} `invalid-cursor` */
function nextOf(cursor: string): number {
  const seqNum = Number(cursor);
  if (/^[0-9]{1,16}$/.test(cursor) && Number.isSafeInteger(seqNum)) return seqNum + 1;
  throw new ResumableStoreError("invalid-cursor", "the cursor is none of ours");
}
