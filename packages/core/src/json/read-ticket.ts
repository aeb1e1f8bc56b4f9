// Read tickets in JSON: what is asked for, and what is answered. A ticket opens one stream for
// reading by server-sent events, and travels in a URL. Spec: data-plane#read-tickets.

import { MAX_READ_TICKET_SECS } from "../caps.js";
import { invalid } from "../error.js";
import { object, optional, string, uint64 } from "./shape.js";

/** A ticket to issue. */
export interface ReadTicketRequest {
  /** Seconds from now, 1 to 600, never beyond the issuing token. Default 600. */
  readonly expiresInSecs?: number | undefined;
}

/** What opens one stream for reading by server-sent events, for a short time. */
export interface ReadTicket {
  /** Goes into the query of a read as `ticket`. A secret, for as long as it lives. */
  readonly ticket: string;
  /** RFC 3339: from then on it opens nothing, and what it opened has ended. */
  readonly expiresAt: string;
}

/**
 * What is asked for; an absent body asks for the defaults.
 *
 * @throws {S2Error} `bad_json`; `invalid` for a life that no ticket has
 */
export function readTicketRequestFromJson(json: unknown): ReadTicketRequest {
  if (json === undefined) return {};
  const request = object(json, "body");
  const expiresInSecs = optional(request.expires_in_secs, "expires_in_secs", uint64);
  if (expiresInSecs === undefined) return {};
  if (expiresInSecs >= 1 && expiresInSecs <= MAX_READ_TICKET_SECS) return { expiresInSecs };
  throw invalid(`expires_in_secs must be 1 to ${MAX_READ_TICKET_SECS}`);
}

/** A ticket to issue, in JSON. */
export function readTicketRequestToJson({ expiresInSecs }: ReadTicketRequest): unknown {
  return { expires_in_secs: expiresInSecs };
}

/** The answer to an issue. */
export function readTicketToJson({ ticket, expiresAt }: ReadTicket): unknown {
  return { ticket, expires_at: expiresAt };
}

/** @throws {S2Error} `bad_json` */
export function readTicketFromJson(json: unknown): ReadTicket {
  const answer = object(json, "body");
  return {
    ticket: string(answer.ticket, "ticket"),
    expiresAt: string(answer.expires_at, "expires_at"),
  };
}
