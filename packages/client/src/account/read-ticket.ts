// A read ticket as callers see it: asked for by a backend that has a token, used by a page whose
// `EventSource` can send none. Builds the URL that such a page opens.
// Spec: sdk#read-tickets, data-plane#read-tickets, data-plane#parameters-in-place-of-headers.

import { type BasinName, formatReadQuery, type StreamName } from "@s2kit/core";
import type { ReadTicket as WireTicket } from "@s2kit/core/control";
import { invalidArgument } from "../errors.js";
import { type ReadInput, readQueryOf } from "../input/read-input.js";
import type { ClientContext } from "../request/client-context.js";

/** A ticket to issue, and what the page that gets it is to read. */
export interface IssueReadTicketArgs {
  /** 1 to 512 bytes of UTF-8 without NUL. */
  readonly stream: string;
  /** Seconds from now, 1 to 600, never beyond the client's own token. Default 600. */
  readonly expiresInSecs?: number | undefined;
  /** Where the read of the URL starts and when it ends. Default: follows from the tail on. */
  readonly read?: Pick<ReadInput, "start" | "stop"> | undefined;
  /** How the events write bytes: `raw` (default) is text, `base64` is exact. */
  readonly format?: "base64" | "raw" | undefined;
}

/** What lets a page follow one stream. */
export interface ReadTicket {
  /** A secret for as long as it lives: it goes to the page that is to read, and into no log. */
  readonly ticket: string;
  /** From then on it opens nothing, and what it opened has ended: ask for another one. */
  readonly expiresAt: Date;
  /**
   * What `new EventSource(url)` opens, the ticket in its query. `&last_event_id=` and the id of the
   * last event behind it goes on there.
   */
  readonly url: string;
}

/** Where a ticket is for. */
export interface TicketPlace {
  readonly basin: BasinName;
  readonly stream: StreamName;
}

/**
 * The query of the URL, but for the ticket.
 *
 * @throws {S2Error} `INVALID_ARGUMENT`
 */
export function ticketQueryOf({ read, format }: IssueReadTicketArgs): URLSearchParams {
  const query = readQueryOf(read ?? {});
  const params = new URLSearchParams(formatReadQuery(query));
  if (format === undefined) return params;
  if (format !== "base64" && format !== "raw")
    throw invalidArgument(`format must be raw or base64 value=${String(format)}`);
  params.set("format", format);
  return params;
}

export function readTicketOf(
  { requests, settings }: ClientContext,
  { basin, stream }: TicketPlace,
  params: URLSearchParams,
  { ticket, expiresAt }: WireTicket,
): ReadTicket {
  // Where the host of the endpoint does not name the basin, the header would.
  if (settings.endpoints.isBasinExplicit) params.set("basin", basin);
  params.set("ticket", ticket);
  const target = { route: "read", params: { stream }, basin, query: params.toString() } as const;
  return { ticket, expiresAt: new Date(expiresAt), url: requests.url(target) };
}
