// One append of one request, from its message to its acknowledgement: what unary appends and OTLP
// share. Spec: data-plane#append, data-plane#otlp.

import type { AppendAck } from "@s2kit/core";
import type { Backend } from "../backend/backend.js";
import type { Exchange } from "../exchange/exchange.js";
import type { SessionDesk } from "../session/sessions.js";
import type { RecordRequest } from "./record-request.js";

export interface AppendOnceComponents {
  readonly backend: Backend;
  readonly sessions: SessionDesk;
}

/** A reason of our own: the default one is an exception with a stack trace. */
const GONE = "gone";

/**
 * @param message - a protobuf AppendInput; must stay unchanged
 * @throws {S2Error} whatever the append is refused with
 */
export function appendOnce(
  { backend, sessions }: AppendOnceComponents,
  message: Uint8Array,
  stream: RecordRequest,
  exchange: Exchange,
): Promise<AppendAck> {
  return new Promise((resolve, reject) => {
    let leave = (): void => undefined;
    // Only while it waits for room: the token of what waits may end, as that of a session may.
    const whenGone = (): AbortSignal => {
      const gone = new AbortController();
      exchange.onClose(() => gone.abort(GONE));
      leave();
      leave = sessions.add(
        {
          advise: () => undefined,
          terminate(error) {
            // A stopping server finishes what it took.
            if (error.code !== "authn") return;
            gone.abort(GONE);
            reject(error);
          },
        },
        stream.access,
        { kind: "append once", protocol: exchange.protocol },
      );
      return gone.signal;
    };
    const outcome = backend.append(
      () => backend.openAppend(stream, "unary"),
      message,
      { acked: resolve, failed: reject },
      whenGone,
    );
    if (outcome instanceof Promise) outcome.catch(reject).finally(() => leave());
  });
}
