// What other nodes ask of this one: requests of clients that they pass on, and what nodes tell each
// other. Nothing is passed on from here: who asks for a shard that is not served hears so, and
// looks again.

import { timingSafeEqual } from "node:crypto";
import { decodeUtf8Lossy, S2Error } from "@s2kit/core";
import { hashOf } from "../backend/access/secret.js";
import type { NumberedChange } from "../backend/account/account-copy.js";
import { ACCOUNT_CHANGE } from "../backend/catalog/keys/account-change.js";
import { type Exchange, readBody } from "../exchange/exchange.js";
import { HEADER_PART, HEADER_SECRET, HEADER_SHARD } from "../exchange/peers.js";
import { errorReply, jsonReply, type Reply, sendReply } from "../exchange/reply.js";
import type { ServedShard, ServedShards } from "./served-shards.js";

/** Beside the API, for nodes alone. */
export const NODE_PATHS = {
  /** What stands before the stream names of whoever asks. */
  access: "/cluster/access",
  /** Changes of the account for a copy. */
  account: "/cluster/account",
  /** Whether a deleted basin is purged: `?basin=&version=`, of the account. */
  purged: "/cluster/purged",
} as const;

/** Changes travel in chunks of about 1 MiB, or one alone. */
const MAX_CHANGES_BYTES = 4 * 1024 * 1024;

export interface NodeDoorComponents {
  readonly served: ServedShards;
  readonly secret: string;
  onUnexpected(error: unknown): void;
}

/** Takes an exchange from the listener of the nodes. */
export function createNodeDoor(components: NodeDoorComponents): (exchange: Exchange) => void {
  const secret = Buffer.from(hashOf(components.secret));
  const isKnown = (given: string | undefined): boolean =>
    given !== undefined && timingSafeEqual(Buffer.from(hashOf(given)), secret);
  return (exchange) => {
    if (!isKnown(exchange.header(HEADER_SECRET))) return refuse(exchange, stranger());
    const served = components.served.get(Number(exchange.header(HEADER_SHARD)));
    if (served === undefined) return refuse(exchange, notHere());
    answerAt(served, exchange).catch((error: unknown) => {
      components.onUnexpected(error);
      exchange.abort();
    });
  };
}

/** Answers whatever a node may ask of a shard; also within this process. */
export async function answerAt(served: ServedShard, exchange: Exchange): Promise<void> {
  exchange.hop = exchange.header(HEADER_PART) === undefined ? "forwarded" : "part";
  if (!exchange.path.startsWith("/cluster/")) return served.serve(exchange);
  try {
    sendReply(exchange, await replyOf(served, exchange), false);
  } catch (error) {
    refuse(exchange, S2Error.from(error));
  }
}

async function replyOf(served: ServedShard, exchange: Exchange): Promise<Reply> {
  const query = new URLSearchParams(exchange.query);
  switch (exchange.path) {
    case NODE_PATHS.access:
      return jsonReply(200, {
        prefix: served.prefixOf(exchange, query.get("ticket") ?? undefined),
      });
    case NODE_PATHS.account: {
      const body = await readBody(exchange, MAX_CHANGES_BYTES, "bad_json");
      return jsonReply(200, { version: await served.takeChanges(changesOf(body)) });
    }
    case NODE_PATHS.purged:
      return jsonReply(200, {
        isPurged: await served.isPurged(query.get("basin") ?? "", versionOf(query)),
      });
    default:
      throw new S2Error({ code: "not_found", message: "no such question between nodes" });
  }
}

/** Of a node that gives none, an answer would say too much. */
function versionOf(query: URLSearchParams): number {
  const text = query.get("version") ?? "";
  const version = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(version)) return version;
  throw new S2Error({ code: "bad_query", message: "the version of the account is missing" });
}

export function encodeChanges(changes: readonly NumberedChange[]): Uint8Array {
  return Buffer.from(JSON.stringify(changes.map(({ version, rows }) => [version, rows])));
}

function changesOf(body: Uint8Array): readonly NumberedChange[] {
  try {
    const json = JSON.parse(decodeUtf8Lossy(body)) as readonly [unknown, unknown][];
    return json.map(([version, rows]) => {
      if (!Number.isSafeInteger(version)) throw new Error("a version is no number");
      return { version: version as number, rows: ACCOUNT_CHANGE.decode(rows) };
    });
  } catch (cause) {
    throw new S2Error({ code: "bad_json", message: "changes cannot be read", cause });
  }
}

function refuse(exchange: Exchange, error: S2Error): void {
  if (exchange.hasResponded) exchange.abort();
  else sendReply(exchange, errorReply(error), false);
}

function stranger(): S2Error {
  return new S2Error({ code: "authn", message: "this port is for nodes of the cluster alone" });
}

function notHere(): S2Error {
  return new S2Error({ code: "misdirected", message: "this node does not serve that shard" });
}
