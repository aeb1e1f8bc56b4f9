// Content encodings of whole bodies: undone on requests with a bound on the result, applied to
// responses that are worth it. Sessions compress per message instead, never here.
// Spec: control-plane#bodies.

import { promisify } from "node:util";
import { gunzip, gzip, zstdCompress, zstdDecompress } from "node:zlib";
import {
  MIN_RESPONSE_COMPRESSION_BYTES,
  negotiateFrameCompression,
  S2Error,
  statusOf,
} from "@s2kit/core";
import { bodyTooLarge, type Exchange, holdForExchange, type OversizeCode } from "./exchange.js";
import { type Reply, sendReply } from "./reply.js";

const inflate = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };
const deflate = { gzip: promisify(gzip), zstd: promisify(zstdCompress) };

/**
 * @throws {S2Error} `unsupported_media_type` for a coding that is not offered; the given codes
 *   for damaged input and for a result above the bound
 */
export async function decodeBody(
  encoding: string,
  body: Uint8Array,
  maxBytes: number,
  code: "bad_json" | "bad_proto",
  oversizeCode: OversizeCode = code,
): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === "identity" || name === "") return body;
  if (name !== "gzip" && name !== "zstd")
    throw new S2Error({
      code: "unsupported_media_type",
      message: `content encoding is not supported encoding=${name.slice(0, 40)}`,
    });
  try {
    return await inflate[name](body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw bodyTooLarge(maxBytes, oversizeCode);
    throw new S2Error({ code, message: `request body is not valid ${name}`, cause });
  }
}

/** Whether the form of a reply depends on what the client accepts; else it goes as it is. */
export function isCoded({ body, headers }: Reply): boolean {
  // Some bodies are kept compressed.
  if (headers["content-encoding"] !== undefined) return false;
  return body !== undefined && body.length > MIN_RESPONSE_COMPRESSION_BYTES;
}

/** Whether {@link encodeReply} will compress. */
export function willCompress(reply: Reply, acceptEncoding: string | undefined): boolean {
  return isCoded(reply) && negotiateFrameCompression(acceptEncoding) !== "none";
}

/** Compresses a reply when the client can read it and the body is long enough. */
export async function encodeReply(
  reply: Reply,
  acceptEncoding: string | undefined,
): Promise<Reply> {
  if (reply.body === undefined || !isCoded(reply)) return reply;
  const headers = { ...reply.headers, vary: "accept-encoding" };
  const encoding = negotiateFrameCompression(acceptEncoding);
  if (encoding === "none") return { ...reply, headers };
  const body = await deflate[encoding](reply.body);
  return { ...reply, headers: { ...headers, "content-encoding": encoding }, body };
}

/**
 * Sends a whole answer, compressed where the client reads that: a short one at once.
 *
 * @returns the status that was sent
 * @throws {S2Error} `hot_server` when there is no room for it
 */
export function deliverReply(
  exchange: Exchange,
  reply: Reply,
  isHead: boolean,
): number | Promise<number> {
  if (exchange.isGone) return statusOf("client_hangup");
  // Compression takes its turn, and there may be many in line.
  const isHeld = reply.isForOperators !== true;
  if (isHeld && willCompress(reply, exchange.header("accept-encoding")))
    holdForExchange(exchange, "replies", reply.body?.length ?? 0);
  if (!isCoded(reply)) return sent(exchange, reply, isHead);
  return encodeReply(reply, exchange.header("accept-encoding")).then((encoded) =>
    sent(exchange, encoded, isHead),
  );
}

function sent(exchange: Exchange, reply: Reply, isHead: boolean): number {
  sendReply(exchange, reply, isHead);
  return reply.status;
}
