// Compression of S2S messages: the rules are here, the algorithms are injected, since core does no
// I/O and zstd exists only in some runtimes. Spec: data-plane#frames.

import { MIN_FRAME_COMPRESSION_BYTES } from "../caps.js";
import type { FrameCompression } from "./frame.js";

/** Algorithms of a runtime. Both directions may run elsewhere (a thread pool), hence promises. */
export interface FrameCodec {
  compress(algorithm: "zstd" | "gzip", body: Uint8Array): Promise<Uint8Array> | Uint8Array;
  /**
   * Must stop as soon as the output passes `maxBytes`, before it is held in memory.
   *
   * @throws {S2Error} `bad_frame` for damaged input or output above the bound
   */
  decompress(
    algorithm: "zstd" | "gzip",
    body: Uint8Array,
    maxBytes: number,
  ): Promise<Uint8Array> | Uint8Array;
}

/**
 * What a server uses towards a client that sent this `accept-encoding`: zstd wherever the token
 * stands, else gzip, each unless its weight is 0; other weights are ignored.
 * Spec: data-plane#frames, control-plane#request-headers.
 */
export function negotiateFrameCompression(acceptEncoding: string | undefined): FrameCompression {
  if (acceptEncoding === undefined) return "none";
  const tokens = acceptEncoding
    .toLowerCase()
    .split(",")
    .filter((part) => !/;\s*q\s*=\s*0(\.0*)?\s*(;|$)/.test(part))
    .map((part) => (part.split(";")[0] ?? "").trim());
  if (tokens.includes("zstd")) return "zstd";
  return tokens.includes("gzip") ? "gzip" : "none";
}

/** The compression for a message of this size: short ones always travel plain. */
export function compressionFor(negotiated: FrameCompression, bodyLength: number): FrameCompression {
  return bodyLength < MIN_FRAME_COMPRESSION_BYTES ? "none" : negotiated;
}
