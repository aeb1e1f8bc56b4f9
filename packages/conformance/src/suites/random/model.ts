// A stream as the specification describes it, in the smallest form: what a sequential history must
// answer. Times are given by the requests, so nothing depends on a clock.
// Spec: data-plane#what-is-selected.

import type { NewRecord, StoredRecord } from "../../codec/messages.js";

export interface ModelAppend {
  readonly records: readonly (NewRecord & { readonly timestamp: number })[];
  readonly matchSeqNum?: number | undefined;
  readonly fencingToken?: string | undefined;
}

export interface ModelRead {
  readonly start: {
    readonly kind: "seq_num" | "tail_offset" | "timestamp";
    readonly value: number;
  };
  readonly count?: number | undefined;
  readonly bytes?: number | undefined;
  readonly until?: number | undefined;
  readonly clamp: boolean;
}

export type ModelAnswer =
  | { readonly status: 200; readonly records: readonly StoredRecord[] }
  | { readonly status: 412 | 416 | 422; readonly body: object | undefined };

const sizeOf = ({ headers, body }: StoredRecord): number =>
  8 + headers.reduce((sum, [name, value]) => sum + 2 + name.length + value.length, 0) + body.length;

export class StreamModel {
  #records: StoredRecord[] = [];
  #fence = "";
  /**
   * Records may be seen for a while after a trim: these are certain to be gone only when nobody
   * sees them.
   */
  trimPoint = 0;

  get tail(): { seq_num: number; timestamp: number } {
    return { seq_num: this.#records.length, timestamp: this.#records.at(-1)?.timestamp ?? 0 };
  }

  append({ records, matchSeqNum, fencingToken }: ModelAppend): ModelAnswer {
    if (fencingToken !== undefined && fencingToken !== this.#fence)
      return { status: 412, body: { fencing_token_mismatch: this.#fence } };
    if (matchSeqNum !== undefined && matchSeqNum !== this.#records.length)
      return { status: 412, body: { seq_num_mismatch: this.#records.length } };
    for (const { timestamp, headers = [], body = "" } of records) {
      const stored = {
        seq_num: this.#records.length,
        timestamp: Math.max(timestamp, this.tail.timestamp),
        headers: headers.map(([name, value]) => [String(name), String(value)] as const),
        body: String(body),
      };
      this.#records.push(stored);
      const [only] = stored.headers;
      if (stored.headers.length === 1 && only?.[0] === "" && only[1] === "fence")
        this.#fence = stored.body;
    }
    return { status: 200, records: [] };
  }

  /** A unary read that does not wait. */
  read(read: ModelRead): ModelAnswer {
    const { start, until } = read;
    if (start.kind === "timestamp" && until !== undefined && start.value >= until)
      return { status: 422, body: undefined };
    const tail = this.tail;
    const beyond: ModelAnswer = { status: 416, body: { tail } };
    const count = Math.min(read.count ?? 1000, 1000);
    const bytes = Math.min(read.bytes ?? 1_048_576, 1_048_576);
    // A read of nothing is answered wherever it starts.
    if (count === 0 || bytes === 0) return { status: 200, records: [] };
    const from = this.#startOf(start);
    if (from >= tail.seq_num) return beyond;
    const chosen: StoredRecord[] = [];
    let room = bytes;
    for (const record of this.#records.slice(from)) {
      room -= sizeOf(record);
      if (chosen.length === count || room < 0 || (until !== undefined && record.timestamp >= until))
        break;
      chosen.push(record);
    }
    return { status: 200, records: chosen };
  }

  #startOf({ kind, value }: ModelRead["start"]): number {
    if (kind === "seq_num") return value;
    if (kind === "tail_offset") return Math.max(0, this.#records.length - value);
    const found = this.#records.findIndex((record) => record.timestamp >= value);
    return found < 0 ? this.#records.length : found;
  }
}
