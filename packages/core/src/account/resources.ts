// What lists and creates return about basins and streams. Times stay the RFC 3339 text of the
// server, since equal instants must stay equal to the last digit on every endpoint.
// Spec: control-plane#basins, control-plane#lists, control-plane#streams.

import type { StreamCipher } from "./config.js";

/** A basin as lists have it; times are RFC 3339 text. */
export interface BasinInfo {
  readonly name: string;
  readonly location?: string | undefined;
  readonly createdAt: string;
  /** Set once deletion was requested; the basin is listed until it is purged. */
  readonly deletedAt?: string | undefined;
}

/** A stream as lists have it; times are RFC 3339 text. */
export interface StreamInfo {
  readonly name: string;
  readonly createdAt: string;
  /** Set once deletion was requested; the stream is listed until it is purged. */
  readonly deletedAt?: string | undefined;
  /** Copied from the basin at creation, and immutable. */
  readonly cipher?: StreamCipher | undefined;
}

/** What a create or ensure did: the `s2-provision-result` header. */
export const PROVISION_RESULTS = ["created", "updated", "noop"] as const;
/** What became of an ensured resource. */
export type ProvisionResult = (typeof PROVISION_RESULTS)[number];

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** True only if a further match really exists. */
  readonly hasMore: boolean;
}

/** Which page of a list. */
export interface ListQuery {
  readonly prefix?: string | undefined;
  /** Exclusive, in byte order. */
  readonly startAfter?: string | undefined;
  /** 1 to 1000; 0 and larger mean 1000. */
  readonly limit?: number | undefined;
}
