// Compression of session messages by node:zlib. Large messages go to the thread pool, small ones
// are faster in place. Output is bounded while it is produced. Spec: data-plane#frames.

import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { type FrameCodec, type FrameCompression, S2Error } from "@s2kit/core";
import { invalidArgument } from "../errors.js";

/** Below this, handing over to a thread costs more than the work. */
const MIN_THREAD_BYTES: number = 64 * 1024;

const gzipLater = promisify<Uint8Array, Buffer>(zlib.gzip);
const gunzipLater = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);

/** @throws {S2Error} `INVALID_ARGUMENT` when this Node lacks zstd and it is asked for */
export function createFrameCodec(compression: FrameCompression): FrameCodec {
  if (!["none", "gzip", "zstd"].includes(compression))
    throw invalidArgument(`option is out of range option=compression value=${String(compression)}`);
  if (compression === "zstd" && typeof zlib.zstdCompress !== "function")
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: "this version of Node has no zstd compression=zstd",
    });
  return {
    compress(algorithm, body) {
      const isSmall = body.length < MIN_THREAD_BYTES;
      if (algorithm === "gzip") return isSmall ? zlib.gzipSync(body) : gzipLater(body);
      return isSmall ? zlib.zstdCompressSync(body) : promisify(zlib.zstdCompress)(body);
    },
    async decompress(algorithm, body, maxOutputLength) {
      try {
        const options = { maxOutputLength };
        if (algorithm === "gzip")
          return body.length < MIN_THREAD_BYTES
            ? zlib.gunzipSync(body, options)
            : await gunzipLater(body, options);
        return body.length < MIN_THREAD_BYTES
          ? zlib.zstdDecompressSync(body, options)
          : await promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)(
              body,
              options,
            );
      } catch (cause) {
        throw new S2Error({
          code: "bad_frame",
          message: `compressed message is damaged or too large algorithm=${algorithm}`,
          cause,
        });
      }
    },
  };
}
