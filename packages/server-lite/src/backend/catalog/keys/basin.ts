// A basin: its configuration, where it is, and whether it is going.
//
//     "b/" basin                     BasinRecord

import type { BasinConfig } from "@s2kit/core/control";
import { basinConfig } from "./config.js";
import { number, object, optional, text } from "./decode.js";
import { type KeyKind, namedKind } from "./key-kind.js";

export interface BasinRecord {
  readonly createdMs: number;
  readonly deletedMs?: number | undefined;
  readonly location: string;
  readonly config: BasinConfig;
  /** Hash over request token and configuration of the create call; see `provision`. */
  readonly requestKey?: string | undefined;
}

export const BASIN: KeyKind<string, BasinRecord> = namedKind("b/", (json) => {
  const { createdMs, deletedMs, location, config, requestKey } = object(json);
  return {
    createdMs: number(createdMs),
    deletedMs: optional(number)(deletedMs),
    location: text(location),
    config: basinConfig(config),
    requestKey: optional(text)(requestKey),
  };
});
