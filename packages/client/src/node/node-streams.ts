// The face of @s2kit/client/node-streams: sessions as streams of node:stream, for pipelines. Web
// streams are on the sessions themselves. Spec: sdk#surface.

import { Readable, Writable } from "node:stream";
import type { AppendInput } from "../input/append-record.js";
import type { ReadFormat } from "../input/read-record.js";
import type { AppendSession } from "../session/append/append-session.js";
import type { ReadSession } from "../session/read/read-session.js";

/** Records as an object stream. Destroying it cancels the session. */
export function toNodeReadable<F extends ReadFormat>(session: ReadSession<F>): Readable {
  return Readable.from(session, { objectMode: true, highWaterMark: 1 });
}

/**
 * An object stream of batches. A write is done when the batch was taken; the stream finishes when
 * everything is durable, which closes the session. Destroying it with an error aborts the session.
 */
export function toNodeWritable(session: AppendSession): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(input: AppendInput, _encoding, done) {
      session.submit(input).then(() => done(), done);
    },
    final(done) {
      session.close().then(() => done(), done);
    },
    destroy(error, done) {
      if (error !== null) session.abort(error);
      done(error);
    },
  });
}
