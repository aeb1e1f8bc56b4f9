// An object of the log: one group, in the format that all logs share and without padding behind it,
// or the fence of a successor. The head carries what the group itself has no room for: whose it is,
// and what was durable when it was sealed. Pure.

import { GROUP_HEADER_BYTES, type GroupHeader, readGroupHeader } from "../../log/group.js";
import type { NumberedName } from "./names.js";
import { damaged, type ObjectHead, openObject, sealObject, type Writer } from "./sealed-object.js";

export type LogObject =
  | {
      readonly kind: "group";
      readonly writer: Writer;
      /** Slots below of this epoch were durable when it was sealed. */
      readonly durable: number;
      /** What the offsets of its rows count from. */
      readonly offset: number;
      readonly header: GroupHeader;
      /** Header, payloads and rows; a view of the object. */
      readonly group: Uint8Array;
    }
  /** Nothing that follows in this epoch counts. */
  | { readonly kind: "fence"; readonly writer: Writer; readonly successor: number };

export interface NewGroup {
  readonly writer: Writer;
  readonly durable: number;
  readonly offset: number;
  /** Header, payloads and rows, without padding. */
  readonly group: Uint8Array;
}

/** The parts of a group's object. */
export function encodeGroup(name: NumberedName, group: NewGroup, storeKey: number): Uint8Array[] {
  const { writer, durable, offset } = group;
  const object = { ...writer, kind: "group", mark: durable, offset, body: [group.group] } as const;
  return sealObject(name, object, storeKey);
}

/** The parts of a fence's object. */
export function encodeLogFence(
  name: NumberedName,
  writer: Writer,
  successor: number,
  storeKey: number,
): Uint8Array[] {
  const fence = { ...writer, kind: "log-fence", mark: successor, body: [] } as const;
  return sealObject(name, fence, storeKey);
}

/**
 * An object of the log. What is inside a group is proven by who repeats it.
 *
 * @throws {S2Error} `storage` when the object does not fit under this key
 */
export function decodeLogObject(
  name: NumberedName,
  bytes: Uint8Array,
  storeKey: number,
): LogObject {
  const { head, body } = openObject(name, bytes, storeKey);
  const writer = { incarnation: head.incarnation, nonce: head.nonce };
  if (head.kind === "log-fence") {
    requireFence(name, head);
    return { kind: "fence", writer, successor: head.mark };
  }
  const header = readGroupHeader(body, storeKey);
  if (header === undefined) throw damaged(name, "no group");
  // Nobody knows of more as durable than what lies before it.
  if (header.length !== body.length || head.mark > name.number)
    throw damaged(name, `length=${header.length} durable=${head.mark}`);
  if (header.ownerEpoch !== name.epoch) throw damaged(name, `ownerEpoch=${header.ownerEpoch}`);
  const { mark, offset } = head;
  return { kind: "group", writer, durable: mark, offset, header, group: body };
}

/** Refuses a fence that no successor can have put there. */
function requireFence(name: NumberedName, head: ObjectHead): void {
  if (head.mark <= name.epoch || head.offset !== 0 || head.bodyBytes !== 0)
    throw damaged(name, "a fence that does not fit");
}

/** Bytes of the smallest group: a fence is shorter, so a listing tells them apart. */
export const MIN_GROUP_BYTES: number = GROUP_HEADER_BYTES;
