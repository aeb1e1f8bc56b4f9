// A handle of one basin: its streams. Cheap to make; it does no I/O of its own.
// Spec: sdk#surface.

import { type BasinName, parseStreamName } from "@s2kit/core";
import type { S2Streams } from "./account/streams.js";
import type { ClientContext } from "./request/client-context.js";
import type { Runtime } from "./runtime.js";
import { S2Stream } from "./stream.js";
import type { StreamOptions } from "./stream-options.js";

/** A handle of one basin: its streams. Cheap to make; it does no I/O of its own. */
export class S2Basin {
  readonly name: BasinName;
  readonly streams: S2Streams;
  readonly #context: ClientContext;
  readonly #runtime: Runtime;

  /** @internal */
  constructor(context: ClientContext, runtime: Runtime, name: BasinName, streams: S2Streams) {
    this.#context = context;
    this.#runtime = runtime;
    this.name = name;
    this.streams = streams;
  }

  /** A handle of a stream, whether it exists or not. @throws {S2Error} `INVALID_ARGUMENT` */
  stream(name: string, options: StreamOptions = {}): S2Stream {
    return new S2Stream(this.#context, this.#runtime, this.name, parseStreamName(name), options);
  }
}
