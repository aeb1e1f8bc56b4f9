// A follower by S2S frames, on an HTTP/2 connection of its own as separate readers have them.

import { connect } from "node:http2";
import { HEADER_BASIN, MEDIA_S2S } from "@s2kit/core";
import { bodiesOfFrames } from "./bodies.ts";
import type { Followed, Leave, OnBody } from "./follower.ts";

export function s2sFollower({ url, basin, stream }: Followed, onBody: OnBody): Promise<Leave> {
  const session = connect(url);
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const request = session.request({
      ":path": `/v1/streams/${stream}/records?tail_offset=0`,
      [HEADER_BASIN]: basin,
      "content-type": MEDIA_S2S,
    });
    request.on("error", reject);
    request.once("response", ({ ":status": status }) => {
      if (status === 200) resolve(() => session.destroy());
      else reject(new Error(`a follower was refused status=${status}`));
    });
    request.on("data", bodiesOfFrames(onBody));
  });
}
