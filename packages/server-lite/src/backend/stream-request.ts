// What a request about records is to the node, whoever carries it: which stream, on whose behalf,
// and how the answer is to look.

import type { StreamConfig } from "@s2kit/core/control";
import type { Access } from "./access/access.js";
import type { StreamAddress } from "./control/streams.js";

/** What a records request carries beside its body. */
export interface StreamRequest extends StreamAddress {
  /** For the stream, if this request makes it. */
  readonly streamConfig?: StreamConfig | undefined;
  readonly encryptionKey?: string | undefined;
  /** Who asks; default: someone who may do everything. */
  readonly access?: Access | undefined;
  /** What carries it: usage counts by it. Default: a connection of its own. */
  readonly connection?: object | undefined;
}

/** How the answer to a read looks. */
export interface ReadStyle {
  /** Default `streaming`. */
  readonly kind?: "streaming" | "unary";
  /** How many bytes one stored byte may become. Default 1. */
  readonly expansion?: number;
}
