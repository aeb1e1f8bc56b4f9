// Gathers the body of a failed response until its end, then makes the error of it. Bodies come in
// pieces, compressed, cut off, as HTML of a proxy, or not at all.
// Spec: sdk#errors, sdk#carriers, sdk#retries, sdk#appending.

import {
  decodeUtf8Lossy,
  errorFromWire,
  type FrameCodec,
  HEADER_RETRY_AFTER_MS,
  type S2Error,
} from "@s2kit/core";
import { brokenReason } from "../errors.js";
import type { ResponseHead } from "../wire/exchange.js";
import { joined } from "../wire/joined.js";

const MAX_ERROR_BODY_BYTES: number = 64 * 1024;

/** Reads the server's hint: `retry-after-ms`, or `retry-after` in seconds. */
export function retryAfterOf(head: ResponseHead): number | undefined {
  const millis = numberOf(head.header(HEADER_RETRY_AFTER_MS));
  if (millis !== undefined) return millis;
  const seconds = numberOf(head.header("retry-after"));
  return seconds === undefined ? undefined : seconds * 1000;
}

/** The error of a failed response whose body was read whole. */
export async function errorOfResponse(
  head: ResponseHead,
  body: Uint8Array,
  codec?: FrameCodec,
): Promise<S2Error> {
  const text = decodeUtf8Lossy(await plainBody(head, body, codec));
  return errorFromWire(head.status, text, retryAfterOf(head));
}

export class FailedResponse {
  readonly #head: ResponseHead;
  readonly #codec: FrameCodec | undefined;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(head: ResponseHead, codec?: FrameCodec) {
    this.#head = head;
    this.#codec = codec;
  }

  push(chunk: Uint8Array): void {
    const room = MAX_ERROR_BODY_BYTES - this.#length;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#length += Math.min(chunk.length, room);
  }

  /** @param broken - why the body ended early, if it did */
  async error(broken: S2Error | undefined): Promise<S2Error> {
    if (broken !== undefined) return brokenReason(this.#head.status, broken);
    const body = joined(this.#chunks, this.#length);
    return errorOfResponse(this.#head, body, this.#codec);
  }
}

async function plainBody(
  head: ResponseHead,
  body: Uint8Array,
  codec: FrameCodec | undefined,
): Promise<Uint8Array> {
  const encoding = head.header("content-encoding");
  if (codec === undefined || (encoding !== "gzip" && encoding !== "zstd")) return body;
  try {
    return await codec.decompress(encoding, body, MAX_ERROR_BODY_BYTES);
  } catch {
    // A fetch may have decoded the body and kept the header.
    return body;
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
