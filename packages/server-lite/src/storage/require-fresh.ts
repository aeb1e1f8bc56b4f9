// What is said instead of an answer that may be old. Not an error of the store: its owner may be
// sure again a moment later, or another process is the owner now.

import { S2Error } from "@s2kit/core";
import type { Storage } from "./storage.js";

/** @throws {S2Error} `unavailable` */
export function requireFresh(storage: Pick<Storage, "isFresh">): void {
  if (!storage.isFresh) throw staleError();
}

export function staleError(): S2Error {
  return new S2Error({
    code: "unavailable",
    message:
      "this server cannot tell now whether another one has taken the store over: try again in a moment",
  });
}
