// Basins and streams in JSON. Unset times, locations and ciphers are explicit nulls; `state` is
// deprecated but older clients read it.
// Spec: control-plane#basins, control-plane#lists, control-plane#streams.

import { STREAM_CIPHERS } from "../account/config.js";
import type { BasinInfo, Page, StreamInfo } from "../account/resources.js";
import { array, boolean, object, oneOf, optional, string } from "./shape.js";

/** A basin in JSON. */
export function basinInfoToJson(info: BasinInfo): unknown {
  return {
    name: info.name,
    location: info.location ?? null,
    created_at: info.createdAt,
    deleted_at: info.deletedAt ?? null,
    state: info.deletedAt === undefined ? "active" : "deleting",
  };
}

/** @throws {S2Error} `bad_json` */
export function basinInfoFromJson(json: unknown, field = "body"): BasinInfo {
  const info = object(json, field);
  return {
    name: string(info.name, `${field}.name`),
    location: optional(info.location, `${field}.location`, string),
    createdAt: string(info.created_at, `${field}.created_at`),
    deletedAt: optional(info.deleted_at, `${field}.deleted_at`, string),
  };
}

/** A stream in JSON. */
export function streamInfoToJson(info: StreamInfo): unknown {
  return {
    name: info.name,
    created_at: info.createdAt,
    deleted_at: info.deletedAt ?? null,
    cipher: info.cipher ?? null,
  };
}

/** @throws {S2Error} `bad_json` */
export function streamInfoFromJson(json: unknown, field = "body"): StreamInfo {
  const info = object(json, field);
  return {
    name: string(info.name, `${field}.name`),
    createdAt: string(info.created_at, `${field}.created_at`),
    deletedAt: optional(info.deleted_at, `${field}.deleted_at`, string),
    cipher: optional(info.cipher, `${field}.cipher`, (value, at) =>
      oneOf(value, STREAM_CIPHERS, at),
    ),
  };
}

/** The collection key (`basins`, `streams`, `access_tokens`) is the only difference of pages. */
export function pageToJson<T>(
  page: Page<T>,
  key: string,
  itemToJson: (item: T) => unknown,
): unknown {
  return { [key]: page.items.map(itemToJson), has_more: page.hasMore };
}

/** @throws {S2Error} `bad_json` */
export function pageFromJson<T>(
  json: unknown,
  key: string,
  itemFromJson: (json: unknown, field: string) => T,
): Page<T> {
  const page = object(json, "body");
  return {
    items: array(page[key], key).map((item, index) => itemFromJson(item, `${key}[${index}]`)),
    hasMore: boolean(page.has_more, "has_more"),
  };
}
