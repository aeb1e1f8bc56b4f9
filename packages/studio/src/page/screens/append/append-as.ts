// Appending the same outside of this page.
// Used by the form; the key and the token of the page are named, never written.

import {
  type CopyAs,
  curl,
  flags,
  keyFlag,
  program,
  shellWord,
  streamHandle,
  streamPath,
  text,
  uri,
} from "../../format/copy-as.js";
import type { StreamTarget } from "../../protocol.js";
import { common, endpoint } from "../../state/connection.js";
import { hasKey } from "../../state/stream-keys.js";

export function appendAs(
  { basin, stream }: StreamTarget,
  body: string,
  match: string,
  token: string,
): CopyAs {
  const isKeyed = hasKey({ basin, stream });
  const matchSeqNum = match === "" ? undefined : Number(match);
  const options = text({ matchSeqNum, ...(token === "" ? {} : { fencingToken: token }) });
  return {
    title: "append this",
    cli: `printf %s ${shellWord(body)} | s2kit append ${uri(basin, stream)}${flags({ "match-seq-num": matchSeqNum, "fencing-token": token })}${keyFlag(isKeyed)}`,
    curl: curl({
      ...common(),
      method: "POST",
      path: streamPath(stream, "/records"),
      basin,
      isKeyed,
      json: {
        records: [{ body }],
        ...(matchSeqNum === undefined ? {} : { match_seq_num: matchSeqNum }),
        ...(token === "" ? {} : { fencing_token: token }),
      },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const record = AppendRecord.string({ body: ${text(body)} });
const ack = await ${streamHandle(basin, stream, isKeyed)}.append(AppendInput.create([record]${options === "{}" ? "" : `, ${options}`}));
console.log(ack.start.seqNum);`,
    ),
  };
}
