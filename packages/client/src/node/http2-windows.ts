// The flow-control windows in force: checked and copied when a client is made. Only Node has them.
// Spec: sdk#surface.

import { requireKnownOptions } from "@s2kit/core";
import { integer } from "../input/option-values.js";
import type { Http2Options } from "../input/options.js";

export interface Http2Settings {
  readonly initialStreamWindowSize: number;
  readonly connectionWindowSize: number;
}

const DEFAULT_WINDOW_BYTES: number = 10 * 1024 * 1024;
const MIN_WINDOW_BYTES = 65_535;
const MAX_WINDOW_BYTES: number = 2 ** 31 - 1;

/** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is out of range */
export function resolveWindows(http2: Http2Options): Http2Settings {
  requireKnownOptions(
    http2,
    ["initialStreamWindowSize", "connectionWindowSize"],
    "S2Options.http2",
  );
  const initialStreamWindowSize = integer(
    "http2.initialStreamWindowSize",
    http2.initialStreamWindowSize ?? DEFAULT_WINDOW_BYTES,
    MIN_WINDOW_BYTES,
    MAX_WINDOW_BYTES,
  );
  const connectionWindowSize = integer(
    "http2.connectionWindowSize",
    http2.connectionWindowSize ?? Math.min(4 * initialStreamWindowSize, MAX_WINDOW_BYTES),
    MIN_WINDOW_BYTES,
    MAX_WINDOW_BYTES,
  );
  return Object.freeze({ initialStreamWindowSize, connectionWindowSize });
}
