// Fence and trim outside of this page. On the wire both are records, which the copied request makes
// by hand.

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
import { base64 } from "../../parts/body-view.js";
import type { StreamTarget } from "../../protocol.js";
import { common, endpoint } from "../../state/connection.js";
import { hasKey } from "../../state/stream-keys.js";

const utf8 = new TextEncoder();

export function trimAs({ basin, stream }: StreamTarget, seqNum: number, token: string): CopyAs {
  const point = new Uint8Array(8);
  new DataView(point.buffer).setBigUint64(0, BigInt(seqNum));
  return commandAs({ basin, stream }, "trim", point, token, {
    title: "trim",
    cli: `s2kit trim ${uri(basin, stream)} ${seqNum}${flags({ "fencing-token": token })}`,
    ts: `trim(${seqNum}${token === "" ? "" : `, { fencingToken: ${text(token)} }`})`,
  });
}

export function fenceAs({ basin, stream }: StreamTarget, fresh: string, held: string): CopyAs {
  return commandAs({ basin, stream }, "fence", utf8.encode(fresh), held, {
    title: "fence",
    cli: `s2kit fence ${uri(basin, stream)} ${shellWord(fresh)}${flags({ "fencing-token": held })}`,
    ts: `fence(${text(fresh)}${held === "" ? "" : `, { fencingToken: ${text(held)} }`})`,
  });
}

/** On the wire both are records: one header of empty name says which. */
function commandAs(
  { basin, stream }: StreamTarget,
  name: string,
  body: Uint8Array,
  token: string,
  { title, cli, ts }: { readonly title: string; readonly cli: string; readonly ts: string },
) {
  const isKeyed = hasKey({ basin, stream });
  const record = { headers: [["", base64(utf8.encode(name))]], body: base64(body) };
  return {
    title,
    cli: `${cli}${keyFlag(isKeyed)}`,
    curl: `${curl({
      ...common(),
      method: "POST",
      path: streamPath(stream, "/records"),
      basin,
      isKeyed,
      json: { records: [record], ...(token === "" ? {} : { fencing_token: token }) },
    })} \\\n  -H 's2-format: base64'`,
    ts: program(
      endpoint(),
      common().hasToken,
      `await ${streamHandle(basin, stream, isKeyed)}.${ts};`,
    ),
  };
}
