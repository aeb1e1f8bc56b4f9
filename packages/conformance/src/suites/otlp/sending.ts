// What cases about OTLP share: sending a request, and reading the records that it became as bytes.
// Spec: data-plane#otlp.

import { status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { CallOptions } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";
import type { Signal } from "./requests.js";

export const NEEDS = { needs: ["otlp"] } as const;
export const PROTOBUF = { headers: { "content-type": "application/x-protobuf" } } as const;

export function send(context: Context, signal: Signal, options: CallOptions): Promise<Answer> {
  return context.call("POST", `/otlp/v1/${signal}`, options);
}

export interface KeptRecord {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** All records of a stream. */
export async function recordsOf(
  context: Context,
  { basin, path }: StreamHandle,
): Promise<readonly KeptRecord[]> {
  const kept: KeptRecord[] = [];
  const tail = status(await context.call("GET", `${path}/tail`, { basin }), 200).json.tail;
  // One at a time: a record may be as long as an answer.
  while (kept.length < tail.seq_num) {
    const headers = { "s2-format": "base64" };
    const query = `seq_num=${kept.length}&count=1`;
    const answer = status(await context.call("GET", `${path}?${query}`, { basin, headers }), 200);
    for (const record of answer.json.records as readonly WireRecord[])
      kept.push({
        headers: (record.headers ?? []).map(([name, value]) => [plain(name), plain(value)]),
        body: Buffer.from(record.body ?? "", "base64"),
      });
  }
  return kept;
}

interface WireRecord {
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

function plain(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}
