// Read tickets: issued for one stream by whoever may read it, and what they let in. A ticket is no
// more than its token: it reads what that one may read, and ends with it, or earlier at its own
// time. Nothing is stored. Spec: data-plane#read-tickets, docs/decisions/0109.

import { MAX_READ_TICKET_SECS, type Random } from "@s2kit/core";
import { formatRfc3339, type ReadTicket, type ReadTicketRequest } from "@s2kit/core/control";
import type { StreamAddress } from "../control/streams.js";
import { type Access, accessOf } from "./access.js";
import { openTicket, sealTicket, ticketKeyOf } from "./ticket-seal.js";
import { authn } from "./token-rules.js";

export interface ReadTicketsComponents {
  /** Of nonces: the system's. */
  readonly random: Random;
  now(): number;
}

/** What tickets ask about the tokens that they came from; see `AccessTokens`. */
export interface TicketTokens {
  /** Of the secret of the root token. */
  rootHash(): string;
  /** Of the secret of the token that an access came from. */
  hashBehind(access: Access): string;
  /** The access of the token with this hash. @throws {S2Error} `authn` when it is not in force */
  inForce(hash: string): Access;
  /** From now on the access ends with the token of this hash. */
  standFor(access: Access, hash: string): void;
}

export class ReadTickets {
  private readonly components: ReadTicketsComponents;
  private readonly tokens: TicketTokens;

  constructor(components: ReadTicketsComponents, tokens: TicketTokens) {
    this.components = components;
    this.tokens = tokens;
  }

  /**
   * @param access - what the ticket is a part of: the operation and the stream are permitted
   * @param address - of the stream, as the account knows it; whether it exists is not looked at
   */
  issue(
    access: Access,
    { basin, stream }: StreamAddress,
    { expiresInSecs = MAX_READ_TICKET_SECS }: ReadTicketRequest,
  ): ReadTicket {
    const wantedMs = this.components.now() + expiresInSecs * 1000;
    const { expiresNanos } = access;
    const parentMs = expiresNanos === undefined ? wantedMs : Number(expiresNanos / 1_000_000n);
    const expiresMs = Math.min(wantedMs, parentMs);
    const content = { tokenHash: this.tokens.hashBehind(access), basin, stream, expiresMs };
    const ticket = sealTicket(this.key(), content, this.components.random);
    return { ticket, expiresAt: formatRfc3339(expiresMs) };
  }

  /**
   * What a ticket permits: to read its stream, until it ends.
   *
   * @throws {S2Error} `authn` for anything but a ticket that is in force, from a token that is
   */
  authenticate(ticket: string): Access {
    const content = openTicket(this.key(), ticket);
    if (content === undefined) throw authn("read ticket is not valid");
    const { tokenHash, basin, stream, expiresMs } = content;
    if (expiresMs <= this.components.now()) throw authn("read ticket is expired");
    const parent = this.tokens.inForce(tokenHash);
    const access: Access = Object.freeze({
      ...accessOf({
        tokenId: parent.tokenId,
        scope: { basins: { exact: basin }, streams: { exact: stream }, ops: ["read"] },
        autoPrefixStreams: false,
        expiresAt: formatRfc3339(expiresMs),
      }),
      // The stream is called what it was called when the ticket was issued.
      streamPrefix: parent.streamPrefix,
    });
    this.tokens.standFor(access, tokenHash);
    return access;
  }

  private key(): Uint8Array {
    return ticketKeyOf(this.tokens.rootHash());
  }
}
