// What a history writes: mutations that fit the state that its model is in, drawn by chance, each with
// what it does to the model.

import { type Random, randomInteger } from "@s2kit/core";
import { AppendBatch } from "@s2kit/core/server";
import type { Mutation } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { type Model, type ModelMutation, type ModelStream, trimOf } from "./crash-model.js";

const MAX_STREAMS = 6;
/** Four mutations of three such records fit into a segment. */
const MAX_BODY_BYTES = 4500;

export class RandomMutations {
  private readonly random: Random;
  private nextStreamId = 1;
  /** One for each mutation of a commit. */
  private readonly batches = Array.from({ length: 4 }, () => new AppendBatch());

  constructor(random: Random) {
    this.random = random;
  }

  /** Above the ids of all streams so far. */
  get endStreamId(): number {
    return this.nextStreamId;
  }

  /** One that fits the model. @param at - its place in its commit */
  next(model: Model, at: number): [Mutation, ModelMutation] {
    const ids = [...model.streams.keys()];
    const dice = this.random.next();
    if (ids.length === 0 || (dice < 0.08 && ids.length < MAX_STREAMS)) return this.create();
    const streamId = ids[randomInteger(this.random, 0, ids.length - 1)] as number;
    if (dice < 0.75) return this.append(streamId, model.streams.get(streamId) as ModelStream, at);
    if (dice < 0.8) {
      const drop: ModelMutation = (to) => void to.streams.delete(streamId);
      return [{ kind: "drop-stream", streamId }, drop];
    }
    if (dice < 0.88) {
      const stream = model.streams.get(streamId) as ModelStream;
      const trimPoint = randomInteger(this.random, 0, stream.lines.length);
      return [{ kind: "trim", streamId, trimPoint }, trimOf(streamId, trimPoint)];
    }
    const key = `key/${randomInteger(this.random, 0, 9)}`;
    const bytes = Buffer.from(key);
    if (dice < 0.92) return [{ kind: "delete", key: bytes }, (to) => void to.meta.delete(key)];
    const value = `${this.random.next()}`;
    return [
      { kind: "put", key: bytes, value: Buffer.from(value) },
      (to) => void to.meta.set(key, value),
    ];
  }

  private create(): [Mutation, ModelMutation] {
    const streamId = this.nextStreamId++;
    // Not by chance: histories that are known by their seed stay what they are.
    if (streamId % 4 !== 3)
      return [
        { kind: "create-stream", streamId, writtenMs: 1 },
        (to) => void to.streams.set(streamId, { lines: [], trimPoint: 0, token: "" }),
      ];
    const token = `token of ${streamId}`;
    const tail = { seqNum: streamId, timestamp: 999 + streamId };
    const start = { tail, fencingToken: token };
    const lines = Array.from({ length: streamId }, () => "");
    return [
      { kind: "create-stream", streamId, writtenMs: 1, start },
      (to) => void to.streams.set(streamId, { lines: [...lines], trimPoint: lines.length, token }),
    ];
  }

  private append(streamId: number, stream: ModelStream, at: number): [Mutation, ModelMutation] {
    const firstSeqNum = stream.lines.length;
    const size = this.random.next() < 0.4 ? MAX_BODY_BYTES : 300;
    const bodies = Array.from({ length: randomInteger(this.random, 1, 3) }, (_, index) => {
      const fill = String.fromCharCode(97 + randomInteger(this.random, 0, 25));
      return `${streamId}.${firstSeqNum + index}.${fill.repeat(randomInteger(this.random, 0, size))}`;
    });
    const isTrim = this.random.next() < 0.05;
    const trimPoint = isTrim
      ? randomInteger(this.random, 0, firstSeqNum + bodies.length)
      : undefined;
    const token = this.random.next() < 0.05 ? `token ${this.random.next()}` : undefined;
    const mutation = appendOf({
      streamId,
      firstSeqNum,
      bodies,
      into: this.batches[at] as AppendBatch,
      ...(token === undefined ? {} : { fencingToken: token }),
      ...(trimPoint === undefined ? {} : { trimPoint }),
    });
    const lines = bodies.map(
      (body, index) => `${firstSeqNum + index}:${1000 + firstSeqNum + index}:${body}`,
    );
    return [
      mutation,
      (to) => {
        const own = to.streams.get(streamId) as ModelStream;
        own.lines.push(...lines);
        own.token = token ?? own.token;
        if (trimPoint !== undefined) trimOf(streamId, trimPoint)(to);
      },
    ];
  }
}
