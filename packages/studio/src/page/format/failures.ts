// What a failure means to the person in front of it, and what to do next. The server's own words
// stay below it, as text.

import type { Failure } from "../protocol.js";

export interface Explained {
  readonly title: string;
  readonly next: string;
}

export function explain({ code, status, message }: Failure): Explained {
  switch (code) {
    case "stream_not_found":
      return {
        title: "This stream does not exist",
        next: "It may have been deleted, or the server was started anew. Look for it in its basin.",
      };
    case "basin_not_found":
      return {
        title: "This basin does not exist",
        next: "It may have been deleted, or the server was started anew. See the list of basins.",
      };
    case "stream_deletion_pending":
      return {
        title: "This stream is being deleted",
        next: "Its name is free again when that is done.",
      };
    case "basin_deletion_pending":
      return {
        title: "This basin is being deleted",
        next: "Its name is free again when that is done.",
      };
    case "authn":
      return { title: "The server asks for an access token", next: "Enter one that is in force." };
    case "permission_denied":
      return {
        title: `The token may not do this${operationIn(message)}`,
        next: "Use a token whose scope has this operation and resource.",
      };
    case "decryption_failed":
      return {
        title: "This key does not open the records",
        next: "Enter the key that they were written with.",
      };
    case "resource_already_exists":
      return { title: "This name is taken", next: "Choose another, or open what is there." };
    case "CONNECTION_FAILED":
    case "CONNECTION_TIMEOUT":
    case "NETWORK_ERROR":
    case "TIMEOUT":
      return {
        title: "The server does not answer",
        next: "Is it running? Try again when it is.",
      };
    default:
      if (wantsKey({ code, status, message }))
        return {
          title: "The records of this stream are encrypted",
          next: "Enter their key: it stays in the memory of this tab.",
        };
      if (status === undefined)
        return {
          title: "The request did not reach its end",
          next: "Check the server and try again.",
        };
      return status >= 500
        ? { title: "The server failed", next: "Its log says more. Try again in a moment." }
        : {
            title: "The server refused this",
            next: "Change what its message names, then try again.",
          };
  }
}

/** The key of an encrypted stream is missing, or not the right one. */
export function wantsKey({ code, message }: Failure): boolean {
  return code === "decryption_failed" || (code === "bad_header" && /encryption.key/.test(message));
}

/** The operation that a refusal names. */
export function operationIn(message: string): string {
  const match = /\bop(?:eration)?=([\w-]+)/.exec(message);
  return match === null ? "" : `: ${match[1]}`;
}
