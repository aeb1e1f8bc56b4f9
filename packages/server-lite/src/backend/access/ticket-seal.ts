// Read tickets: what opens one stream for reading by server-sent events, for minutes, in a URL. A
// ticket is sealed, not stored: it holds the hash of the token that it came from, so it ends with
// that one, and tells nobody anything. Pure but for chance; `access-tokens` says which token that
// is, and whether it lives. Spec: data-plane#read-tickets, docs/decisions/0109.

import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { assert, MAX_BASIN_NAME_BYTES, MAX_STREAM_NAME_BYTES, type Random } from "@s2kit/core";

/** What a ticket says, once it is opened. */
export interface TicketContent {
  /** Of the secret of the token that it was issued with. */
  readonly tokenHash: string;
  /** Basin and stream, as the account knows them. */
  readonly basin: string;
  readonly stream: string;
  /** From then on it opens nothing, ms since the epoch. */
  readonly expiresMs: number;
}

/** Tells people and secret scanners what a string is. */
const TICKET_PREFIX = "s2kt_";
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HASH_BYTES = 32;
/** Expiry, hash, and the length of the basin's name. */
const HEAD_BYTES: number = 6 + HASH_BYTES + 1;
const MAX_CONTENT_BYTES: number = HEAD_BYTES + MAX_BASIN_NAME_BYTES + MAX_STREAM_NAME_BYTES;
/** Longest ticket: what is longer is not looked at. */
const MAX_TICKET_CHARS: number =
  TICKET_PREFIX.length + Math.ceil(((NONCE_BYTES + MAX_CONTENT_BYTES + TAG_BYTES) * 4) / 3);

/** The key of all tickets of an account. @param rootHash - another root token ends them all */
export function ticketKeyOf(rootHash: string): Uint8Array {
  return createHmac("sha256", rootHash).update("s2kit read ticket 1").digest();
}

export function sealTicket(key: Uint8Array, content: TicketContent, random: Random): string {
  const basin = Buffer.from(content.basin);
  const hash = Buffer.from(content.tokenHash, "base64url");
  assert(hash.length === HASH_BYTES, "tokens are known by a SHA-256 hash");
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(content.expiresMs, 0, 6);
  hash.copy(head, 6);
  head.writeUInt8(basin.length, HEAD_BYTES - 1);
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  const plain = Buffer.concat([head, basin, Buffer.from(content.stream)]);
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return TICKET_PREFIX + sealed.toString("base64url");
}

/** Undefined for anything but a ticket that was sealed with this key. */
export function openTicket(key: Uint8Array, ticket: string): TicketContent | undefined {
  if (!ticket.startsWith(TICKET_PREFIX) || ticket.length > MAX_TICKET_CHARS) return undefined;
  const sealed = Buffer.from(ticket.slice(TICKET_PREFIX.length), "base64url");
  if (sealed.length < NONCE_BYTES + HEAD_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const coded = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  try {
    return contentOf(Buffer.concat([decipher.update(coded), decipher.final()]));
  } catch {
    // The tag does not fit: made with another key, or changed.
    return undefined;
  }
}

/** Sealed by us, so it is well formed. */
function contentOf(plain: Buffer): TicketContent {
  const streamAt = HEAD_BYTES + plain.readUInt8(HEAD_BYTES - 1);
  return {
    expiresMs: plain.readUIntBE(0, 6),
    tokenHash: plain.toString("base64url", 6, 6 + HASH_BYTES),
    basin: plain.toString("utf8", HEAD_BYTES, streamAt),
    stream: plain.toString("utf8", streamAt),
  };
}
