// Fence and trim: what each does, and a form that says what it will do now. What cannot be undone
// is confirmed by typing; nothing is sent before.

import { Failed, Loading } from "../../parts/notices.js";
import type { StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { useLoaded } from "../../state/loaded.js";
import { Fence } from "./fence.js";
import { Trim } from "./trim.js";

export function Control({ basin, stream }: StreamTarget) {
  const ends = useLoaded(async () => {
    const [{ tail }, first] = await Promise.all([
      call("checkTail", basin, stream),
      call("firstSeqNum", basin, stream),
    ]);
    return { first: first ?? tail.seqNum, tail: tail.seqNum };
  }, [basin, stream]);
  return (
    <div class="cards two scroll">
      <section class="card">
        <h2>Trim</h2>
        <p>
          Removes the records before a number, for good. It happens in the background, right after
          this is acknowledged.
        </p>
        {ends.failure !== undefined && <Failed failure={ends.failure} retry={ends.reload} />}
        {ends.value === undefined && ends.isLoading && <Loading what="the ends of the stream" />}
        {ends.value !== undefined && (
          <Trim basin={basin} stream={stream} {...ends.value} onDone={ends.reload} />
        )}
      </section>
      <section class="card">
        <h2>Fence</h2>
        <p>
          Sets a token. From then on an append that names another token is refused, so that a writer
          who was replaced cannot write any more. Appends that name none still go through.
        </p>
        <Fence basin={basin} stream={stream} />
      </section>
    </div>
  );
}
