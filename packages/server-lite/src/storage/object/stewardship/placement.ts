// Which node should have a shard: the one that draws the highest number for it, of those that live
// and stay. Each node computes it alone, from what it sees; one that comes or goes moves only what
// is its own. Names of nodes count, not their processes: who restarts gets what it had. Pure.

import { encodeUtf8 } from "@s2kit/core";
import { checksumOf } from "../../log/checksum.js";
import type { Member } from "../membership/membership.js";

/** @returns the name of the node; undefined when there is none */
export function placed(
  shard: number,
  members: readonly Pick<Member, "node" | "state">[],
): string | undefined {
  const staying = members.filter(({ state }) => state === "up");
  let best: { readonly node: string; readonly score: number } | undefined;
  // With nobody else left, those who are leaving keep what they have.
  for (const { node } of staying.length === 0 ? members : staying) {
    const score = scoreOf(node, shard);
    const isBetter =
      best === undefined || score > best.score || (score === best.score && node < best.node);
    if (isBetter) best = { node, score };
  }
  return best?.node;
}

/** Names that differ in a digit differ in a few bits of a checksum: all of its bits must count. */
function scoreOf(node: string, shard: number): number {
  const bytes = encodeUtf8(`${shard} ${node}`);
  let bits = checksumOf(bytes, 0, bytes.length);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
