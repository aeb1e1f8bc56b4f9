// The chunks of a body that is held back. The platform keeps each chunk that still comes as an
// object of its own, however small it is: a window of one-byte frames would cost a hundred times
// what is counted for it. While a body is held its chunks are therefore taken together here, on
// their way to the stream, and handed on as one.

import type { Readable } from "node:stream";
import { BodyChunks } from "../exchange/body-chunks.js";

export class HeldChunks {
  private readonly source: Readable;
  private readonly hand: Readable["push"];
  private chunks: BodyChunks | undefined = undefined;

  /** @param source - paused, and resumed by the caller after {@link HeldChunks.release} */
  constructor(source: Readable) {
    this.source = source;
    this.hand = source.push.bind(source);
    source.push = (chunk: Uint8Array | null): boolean => this.push(chunk);
  }

  /** Hands on what came meanwhile, and all that comes from here on as it is. */
  release(): void {
    this.source.push = this.hand;
    this.flush();
  }

  private push(chunk: Uint8Array | null): boolean {
    if (chunk === null || this.source.readableFlowing !== false) {
      this.release();
      return this.hand(chunk);
    }
    this.chunks ??= new BodyChunks();
    this.chunks.push(chunk);
    // Nobody reads: the connection is to deliver no more than it must.
    return false;
  }

  private flush(): void {
    const { chunks } = this;
    this.chunks = undefined;
    if (chunks !== undefined) this.hand(chunks.whole());
  }
}
