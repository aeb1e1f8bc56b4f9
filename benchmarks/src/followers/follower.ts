// One follower of a stream by each transport. Each record's body is the moment its writer sent it, in
// microseconds on the clock that all processes of a machine share.

import { s2sFollower } from "./s2s.ts";
import { sseFollower } from "./sse.ts";
import { webSocketFollower } from "./websocket.ts";

export type FollowTransport = "sse" | "s2s" | "websocket";

export interface Followed {
  /** Origin of the server. */
  readonly url: string;
  readonly basin: string;
  readonly stream: string;
}

/** Called with what the writer put into a record. */
export type OnBody = (sentMicros: number) => void;

/** Ends the follower. */
export type Leave = () => void;

/** Resolves once the server has answered: what is appended from then on arrives. */
export const FOLLOWERS: Readonly<
  Record<FollowTransport, (followed: Followed, onBody: OnBody) => Promise<Leave>>
> = { sse: sseFollower, s2s: s2sFollower, websocket: webSocketFollower };
