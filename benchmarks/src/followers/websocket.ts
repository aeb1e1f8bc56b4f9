// A follower by S2S over WebSocket, as a page follows; the platform's own client.
// Spec: docs/protocol/websocket.md#opening

import { bodiesOfFrames } from "./bodies.ts";
import type { Followed, Leave, OnBody } from "./follower.ts";

export function webSocketFollower(
  { url, basin, stream }: Followed,
  onBody: OnBody,
): Promise<Leave> {
  const address = new URL(`/v1/streams/${stream}/records?mode=read&tail_offset=0`, url);
  address.protocol = "ws:";
  address.searchParams.set("basin", basin);
  const socket = new WebSocket(address, ["s2s.v1"]);
  socket.binaryType = "arraybuffer";
  const take = bodiesOfFrames(onBody);
  return new Promise((resolve, reject) => {
    socket.addEventListener("error", () => reject(new Error("a follower was refused")));
    socket.addEventListener("open", () => resolve(() => socket.close()));
    socket.addEventListener("message", ({ data }) => take(new Uint8Array(data as ArrayBuffer)));
  });
}
