// Reading in sessions as one thing: a page loads this file with the first session it opens, because
// one that follows nothing needs none of it. Spec: sdk#in-browsers, sdk#reading.

import { openReadSession } from "./read-session.js";
import { openSseReadWire } from "./read-sse-wire.js";
import type { Reading } from "./reading-shape.js";

export const reading: Reading = { openSession: openReadSession, openEvents: openSseReadWire };
