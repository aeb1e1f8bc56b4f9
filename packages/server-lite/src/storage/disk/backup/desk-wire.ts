// What is said at the snapshot desk: messages over a socket in the data directory, between a server
// and who copies from its directory. One version speaks to another, so it has a number.
//
//      u32 length | u8 kind | payload        little endian; kind 1 is JSON, 2 entries of the state

import { viewOf } from "../../log/group.js";

/** Name of the socket, in the data directory. */
export const DESK_SOCKET = "snapshot.sock";
export const KIND_JSON = 1;
export const KIND_ENTRIES = 2;

const HEAD_BYTES = 5;
/** Of a message; a plan of 100 000 data files has 3 MB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export interface DeskMessage {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** What who copies may say. */
export type Request =
  | { readonly ask: "snapshot"; readonly version: number }
  /** Still copying: who says nothing for a while is taken for gone. */
  | { readonly ask: "wait" }
  /** The log is copied: its segments may be used again. */
  | { readonly ask: "release-log" }
  /** All is copied: was it kept all the time? */
  | { readonly ask: "finish" };

export function encodeMessage(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, payload.length, true);
  view.setUint8(4, kind);
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

export function encodeJson(value: unknown): Uint8Array {
  return encodeMessage(KIND_JSON, Buffer.from(JSON.stringify(value), "utf8"));
}

export function jsonOf({ payload }: DeskMessage): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Takes bytes as they come, gives messages that are whole. */
export class MessageDecoder {
  private rest: Uint8Array = new Uint8Array(0);

  /** @returns undefined when it is nothing that a desk says */
  push(chunk: Uint8Array): DeskMessage[] | undefined {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const view = viewOf(bytes);
    const found: DeskMessage[] = [];
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const length = view.getUint32(at, true);
      if (length > MAX_MESSAGE_BYTES) return undefined;
      const end = at + HEAD_BYTES + length;
      if (end > bytes.length) break;
      found.push({ kind: view.getUint8(at + 4), payload: bytes.slice(at + HEAD_BYTES, end) });
      at = end;
    }
    this.rest = bytes.slice(at);
    return found;
  }
}
