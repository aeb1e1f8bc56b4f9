// Locations in JSON: the list is a bare array and setting the default is a bare string, unlike
// every other resource. Newer servers add fields, which are ignored. Spec: control-plane#locations.

import type { LocationInfo } from "../account/locations.js";
import { type LocationName, locationNameRule } from "../account/names.js";
import { array, badJson, boolean, object, optional, string } from "./shape.js";

/** A location in JSON. */
export function locationInfoToJson(info: LocationInfo): unknown {
  return {
    name: info.name,
    is_private: info.isPrivate,
    storage_classes: info.storageClasses,
    default_storage_class: info.defaultStorageClass,
  };
}

/** @throws {S2Error} `bad_json` */
export function locationInfoFromJson(json: unknown, field = "body"): LocationInfo {
  const info = object(json, field);
  return {
    name: string(info.name, `${field}.name`),
    isPrivate: optional(info.is_private, `${field}.is_private`, boolean) ?? false,
    storageClasses: optional(info.storage_classes, `${field}.storage_classes`, texts),
    defaultStorageClass: optional(
      info.default_storage_class,
      `${field}.default_storage_class`,
      string,
    ),
  };
}

function texts(json: unknown, field: string): readonly string[] {
  return array(json, field).map((text) => string(text, field));
}

/** All locations in JSON. */
export function locationsToJson(locations: readonly LocationInfo[]): unknown {
  return locations.map(locationInfoToJson);
}

/** @throws {S2Error} `bad_json` */
export function locationsFromJson(json: unknown): readonly LocationInfo[] {
  return array(json, "body").map((info, index) => locationInfoFromJson(info, `body[${index}]`));
}

/** The body of set-default-location. @throws {S2Error} `bad_json` for anything but a name */
export function locationNameFromJson(json: unknown): LocationName {
  const name = string(json, "body");
  const broken = locationNameRule(name);
  if (broken !== undefined) throw badJson(broken);
  return name as LocationName;
}
