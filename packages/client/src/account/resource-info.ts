// What lists and creates return, with times as Dates. One mapper for each kind serves every path:
// list, create and ensure. Spec: sdk#surface.

import { S2Error } from "@s2kit/core";
import {
  type BasinInfo as CoreBasinInfo,
  type StreamInfo as CoreStreamInfo,
  PROVISION_RESULTS,
  type ProvisionResult,
  type StreamCipher,
} from "@s2kit/core/control";

/** A basin as lists and creates give it. */
export interface BasinInfo {
  readonly name: string;
  readonly location?: string;
  readonly createdAt: Date;
  /** Set once deletion was requested. */
  readonly deletedAt?: Date;
}

/** A stream as lists and creates give it. */
export interface StreamInfo {
  readonly name: string;
  readonly createdAt: Date;
  /** Set once deletion was requested. */
  readonly deletedAt?: Date;
  /** Chosen at creation, immutable. */
  readonly cipher?: StreamCipher;
}

export function basinInfoOf(info: CoreBasinInfo): BasinInfo {
  return {
    name: info.name,
    ...(info.location === undefined ? {} : { location: info.location }),
    createdAt: dateOf(info.createdAt, "created_at"),
    ...(info.deletedAt === undefined ? {} : { deletedAt: dateOf(info.deletedAt, "deleted_at") }),
  };
}

export function streamInfoOf(info: CoreStreamInfo): StreamInfo {
  return {
    name: info.name,
    createdAt: dateOf(info.createdAt, "created_at"),
    ...(info.deletedAt === undefined ? {} : { deletedAt: dateOf(info.deletedAt, "deleted_at") }),
    ...(info.cipher === undefined ? {} : { cipher: info.cipher }),
  };
}

/** Reads an RFC 3339 time. @throws {S2Error} `PROTOCOL_ERROR` */
export function dateOf(text: string, field: string): Date {
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new S2Error({ code: "PROTOCOL_ERROR", message: `expected a time field=${field}` });
}

/** The header tells; the status is what older servers have. */
export function provisionResultOf(header: string | undefined, status: number): ProvisionResult {
  const known = PROVISION_RESULTS.find((result) => result === header);
  if (known !== undefined) return known;
  return status === 201 ? "created" : "noop";
}
