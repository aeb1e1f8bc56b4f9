// A follower by server-sent events on a bare HTTP/1.1 socket, so that a thousand of them cost little.

import { connect } from "node:net";
import { HEADER_BASIN } from "@s2kit/core";
import type { Followed, Leave, OnBody } from "./follower.ts";

const BODY = Buffer.from('"body":"');
const QUOTE = 0x22;

export function sseFollower({ url, basin, stream }: Followed, onBody: OnBody): Promise<Leave> {
  const { host, hostname, port } = new URL(url);
  const path = `/v1/streams/${stream}/records?tail_offset=0`;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.once("connect", () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n${HEADER_BASIN}: ${basin}\r\n\r\n`,
      ),
    );
    socket.once("data", (chunk) => {
      if (chunk.toString("latin1", 0, 12) === "HTTP/1.1 200") resolve(() => socket.destroy());
      else reject(new Error(`a follower was refused: ${chunk.toString()}`));
    });
    // Events of so few bytes come whole: a split one would show as a lost delivery.
    socket.on("data", (chunk) => {
      for (let at = chunk.indexOf(BODY); at >= 0; at = chunk.indexOf(BODY, at)) {
        at += BODY.length;
        onBody(Number(chunk.toString("latin1", at, chunk.indexOf(QUOTE, at))));
      }
    });
  });
}
