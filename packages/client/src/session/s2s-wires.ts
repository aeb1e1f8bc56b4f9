// The S2S session wires as one value. Transports that carry S2S bring it along, so that a browser
// that only uses fetch never loads the frame codec. Spec: sdk#frames-over-http2, sdk#in-browsers.

import type { SessionWires } from "../wire/transport.js";
import { openS2sAppendWire } from "./append/append-s2s-wire.js";
import { openS2sReadWire } from "./read/read-s2s-wire.js";

export const s2sWires: SessionWires = Object.freeze({
  openAppend: openS2sAppendWire,
  openRead: openS2sReadWire,
});
