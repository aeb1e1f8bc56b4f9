// Compression of S2S messages with Node's zlib: small ones on the spot, large ones on the thread
// pool, so that one big frame does not hold up every other stream. The order of frames is the
// caller's duty. Spec: data-plane#frames, data-plane#encryption.

import { promisify } from "node:util";
import {
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from "node:zlib";
import { type FrameCodec, S2Error } from "@s2kit/core";

/** Above this the thread pool's hand-over is cheaper than holding the event loop. */
const INLINE_BYTES = 16 * 1024;

const pooled = {
  gzip: { deflate: promisify(gzip), inflate: promisify(gunzip) },
  zstd: { deflate: promisify(zstdCompress), inflate: promisify(zstdDecompress) },
};
const inline = {
  gzip: { deflate: gzipSync, inflate: gunzipSync },
  zstd: { deflate: zstdCompressSync, inflate: zstdDecompressSync },
};

export const nodeFrameCodec: FrameCodec = {
  compress(algorithm, body) {
    return body.length <= INLINE_BYTES
      ? inline[algorithm].deflate(body)
      : pooled[algorithm].deflate(body);
  },
  decompress(algorithm, body, maxBytes) {
    const options = { maxOutputLength: maxBytes };
    if (body.length > INLINE_BYTES)
      return pooled[algorithm].inflate(body, options).catch((cause: unknown) => {
        throw damaged(algorithm, cause);
      });
    try {
      return inline[algorithm].inflate(body, options);
    } catch (cause) {
      throw damaged(algorithm, cause);
    }
  },
};

function damaged(algorithm: string, cause: unknown): S2Error {
  const isTooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
  const what = isTooLarge ? "frame is too large when decompressed" : "frame does not decompress";
  return new S2Error({ code: "bad_frame", message: `${what} algorithm=${algorithm}`, cause });
}
