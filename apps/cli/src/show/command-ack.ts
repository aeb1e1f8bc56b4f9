// What `fence` and `trim` say: the command, where its record is, and the tail. The position that
// the field's tools print as the tail is that of the record; both are shown here.
// Spec: cli#fence-trim-check-tail.

import type { AppendAck } from "@s2kit/core";
import type { Output } from "../frame/output.js";
import { positionJson } from "./api-json.js";

export async function reportCommandAck(out: Output, text: string, ack: AppendAck): Promise<void> {
  if (out.isJson)
    return await out.json({
      start: positionJson(ack.start),
      end: positionJson(ack.end),
      tail: positionJson(ack.tail),
    });
  const { talk } = out;
  const label = talk.paint(`${talk.glyph.ok} [APPENDED]`, "green", "bold");
  const { start, tail } = ack;
  out.say(
    `${label} ${text} // at: ${start.seqNum} @ ${start.timestamp} // tail: ${tail.seqNum} @ ${tail.timestamp}`,
  );
}
