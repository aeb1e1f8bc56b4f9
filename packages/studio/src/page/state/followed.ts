// The feed of records that a screen shows, as a signal: opened when the screen asks, closed when it
// goes. There is one feed at a time: the newest wins.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FeedRequest, RecordsView } from "../protocol.js";
import { records } from "./bridge.js";
import { identity } from "./connection.js";

export function useFeed(request: FeedRequest, turn: number): RecordsView | undefined {
  const view = useSignal<RecordsView | undefined>(undefined);
  const { start } = request;
  const from = start.kind === "seq" ? start.seqNum : start.kind === "time" ? start.timestamp : 0;
  useEffect(() => {
    view.value = undefined;
    return records.open(request, (next) => {
      view.value = next;
    });
  }, [request.basin, request.stream, start.kind, from, request.isFollowing, turn, identity.value]);
  return view.value;
}
