// Reading in sessions as one thing: a page loads this file with the first session it opens, because
// one that follows nothing needs none of it. Spec: sdk#in-browsers, sdk#reading.

import type { OpenEventWire } from "../../wire/transport.js";
import { openReadSession } from "./read-session.js";
import { openSseReadWire } from "./read-sse-wire.js";

export interface Reading {
  readonly openSession: typeof openReadSession;
  /** For carriers without frames. */
  readonly openEvents: OpenEventWire;
}

export const reading: Reading = { openSession: openReadSession, openEvents: openSseReadWire };
