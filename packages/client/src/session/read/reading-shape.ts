// What reading in sessions is, without its code: every face has this type, and the web face loads
// the code late (`reading`), so that its declarations must not name that file.

import type { OpenEventWire } from "../../wire/transport.js";
import type { openReadSession } from "./read-session.js";

export interface Reading {
  readonly openSession: typeof openReadSession;
  /** For carriers without frames. */
  readonly openEvents: OpenEventWire;
}
