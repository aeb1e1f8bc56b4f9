// A stream of a basin: the id under which the store keeps it, and its configuration.
//
//     "s/" basin 00 stream           StreamRecord      (byte order of names inside a basin)

import type { ResolvedStreamConfig, StreamCipher } from "@s2kit/core/control";
import type { StreamId } from "../../../storage/storage.js";
import { cipher, resolvedStreamConfig } from "./config.js";
import { number, object, optional, text } from "./decode.js";
import type { KeyKind } from "./key-kind.js";

export interface StreamName {
  readonly basin: string;
  readonly stream: string;
}

export interface StreamRecord {
  readonly streamId: StreamId;
  readonly createdMs: number;
  readonly deletedMs?: number | undefined;
  readonly cipher?: StreamCipher | undefined;
  readonly config: ResolvedStreamConfig;
  readonly requestKey?: string | undefined;
  /** The stream's entry on the agenda of the background; undefined: nothing is ever due. */
  readonly dueSecs?: number | undefined;
}

const PREFIX = "s/";

export const STREAM: KeyKind<StreamName, StreamRecord> = {
  prefix: PREFIX,
  key: (name) => PREFIX + joined(name),
  partsOf: parted,
  decode(json) {
    const fields = object(json);
    return {
      streamId: number(fields.streamId),
      createdMs: number(fields.createdMs),
      deletedMs: optional(number)(fields.deletedMs),
      cipher: optional(cipher)(fields.cipher),
      config: resolvedStreamConfig(fields.config),
      requestKey: optional(text)(fields.requestKey),
      dueSecs: optional(number)(fields.dueSecs),
    };
  },
};

/** What stands before the names of a basin's streams; basin names hold no NUL. */
export function streamsOf(basin: string): string {
  return `${basin}\0`;
}

/** Basin and stream as one text, in the order of the keys. */
export function joined({ basin, stream }: StreamName): string {
  return streamsOf(basin) + stream;
}

export function parted(name: string): StreamName {
  const end = name.indexOf("\0");
  return { basin: name.slice(0, end), stream: name.slice(end + 1) };
}
