// What a store must hold: streams and metadata as commits lead to them, and the exact comparison.

import type { Storage } from "../../../src/storage/storage.js";
import { linesOf } from "../../../src/testing/append-source.js";

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };

/** What the oracle found wrong. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export interface ModelStream {
  lines: string[];
  trimPoint: number;
  token: string;
}

/** A state that commits lead to. */
export class Model {
  readonly streams: Map<number, ModelStream> = new Map();
  readonly meta: Map<string, string> = new Map();

  apply(mutations: readonly ModelMutation[]): void {
    for (const mutation of mutations) mutation(this);
  }
}

export type ModelMutation = (model: Model) => void;

export interface ModelCommit {
  readonly position: number;
  readonly mutations: readonly ModelMutation[];
}

/** The state as applied, with the tails that were durable at each position: what readers may see. */
export class AppliedModel extends Model {
  private readonly marks = new Map<number, { position: number; tail: number }[]>();

  /** @param base - the state that is durable now */
  constructor(base: Model) {
    super();
    for (const [id, stream] of base.streams) {
      this.streams.set(id, { ...stream, lines: [...stream.lines] });
      this.marks.set(id, [{ position: 0, tail: stream.lines.length }]);
    }
    for (const [key, value] of base.meta) this.meta.set(key, value);
  }

  commit({ position, mutations }: ModelCommit): void {
    this.apply(mutations);
    for (const [id, { lines }] of this.streams) {
      const marks = this.marks.get(id) ?? [{ position: 0, tail: 0 }];
      this.marks.set(id, marks);
      if (marks.at(-1)?.tail !== lines.length) marks.push({ position, tail: lines.length });
    }
  }

  /** The records of a stream that are durable when the log is, up to a position. */
  durableTail(streamId: number, durable: number): number {
    let tail = 0;
    for (const mark of this.marks.get(streamId) ?? [])
      if (mark.position <= durable) tail = mark.tail;
    return tail;
  }
}

export function trimOf(streamId: number, trimPoint: number): ModelMutation {
  return (to) => {
    const stream = to.streams.get(streamId) as ModelStream;
    stream.trimPoint = Math.max(stream.trimPoint, trimPoint);
  };
}

/** Of the last record: timestamps are 1000 above seqNums. */
function timestampOf(stream: ModelStream | undefined): number | undefined {
  return stream === undefined || stream.lines.length === 0
    ? stream?.lines.length
    : 999 + stream.lines.length;
}

export async function compare(storage: Storage, model: Model, nextStreamId: number): Promise<void> {
  for (let streamId = 1; streamId < nextStreamId; streamId++) {
    const state = storage.streamState(streamId);
    const expected = model.streams.get(streamId);
    const { tail } = state ?? {};
    const found = `${tail?.seqNum} ${tail?.timestamp} ${state?.trimPoint} ${state?.fencingToken}`;
    const wanted = `${expected?.lines.length} ${timestampOf(expected)} ${expected?.trimPoint} ${expected?.token}`;
    if (found !== wanted)
      throw new Violation(`state differs stream=${streamId} found=${found} wanted=${wanted}`);
    const lines = linesOf(await storage.read(streamId, 0, ALL));
    const trimPoint = expected?.trimPoint ?? 0;
    const kept = lines.filter((line) => Number(line.split(":")[0]) >= trimPoint);
    if (kept.join("\n") !== (expected?.lines ?? []).slice(trimPoint).join("\n"))
      throw new Violation(
        `records differ stream=${streamId} found=${kept.length} wanted=${(expected?.lines.length ?? 0) - trimPoint}`,
      );
  }
  const found = storage
    .scanMeta({ prefix: new Uint8Array(0), limit: 1000 })
    .map(({ key, value }) => `${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
  const wanted = [...model.meta].map(([key, value]) => `${key}=${value}`).sort();
  if (found.join("\n") !== wanted.join("\n"))
    throw new Violation(`metadata differs found=${found.length} wanted=${wanted.length}`);
}
