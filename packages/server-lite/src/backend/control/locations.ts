// Locations: which ones basins may name, and which one they get when they name none. A server of
// one place has nothing to place, so here they are labels that are kept and shown.
// Spec: control-plane#ensure, control-plane#locations.

import { locationNameRule, S2Error } from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG, type LocationInfo, STORAGE_CLASSES } from "@s2kit/core/control";
import type { Catalog } from "../catalog/catalog.js";
import { DEFAULT_LOCATION } from "../catalog/keys/default-location.js";
import { ONLY, put } from "../catalog/keys/key-kind.js";
import { invalid } from "../invalid.js";

/** Our own name, and those of the hosted service, so that its scripts run here unchanged. */
export const DEFAULT_LOCATIONS: readonly string[] = [
  "local",
  "aws:us-east-1",
  "aws:us-west-2",
  "aws:eu-north-1",
];

export class Locations {
  private readonly catalog: Catalog;
  private readonly names: readonly string[];

  /** @param names - at least one; the first is the default until another is set */
  constructor(catalog: Catalog, names: readonly string[] = DEFAULT_LOCATIONS) {
    this.catalog = catalog;
    this.names = names;
  }

  list(): readonly LocationInfo[] {
    return this.names.map(infoOf);
  }

  get default(): LocationInfo {
    const stored = this.catalog.get(DEFAULT_LOCATION, ONLY);
    const isKnown = stored !== undefined && this.names.includes(stored);
    return infoOf(isKnown ? stored : (this.names[0] as string));
  }

  /** For basins that are made from now on. @throws {S2Error} `invalid` for an unknown one */
  setDefault(name: string): LocationInfo {
    const known = this.require(name);
    if (known !== this.default.name) this.catalog.commit([put(DEFAULT_LOCATION, ONLY, known)]);
    return infoOf(known);
  }

  /** The location of a new basin. @throws {S2Error} `invalid` when it asks for an unknown one */
  locationOf(requested: string | undefined): string {
    return requested === undefined ? this.default.name : this.require(requested);
  }

  private require(name: string): string {
    if (this.names.includes(name)) return name;
    throw invalid(`unknown location name=${name}`);
  }
}

/** @throws {S2Error} `INVALID_ARGUMENT` for an empty list or a name outside the grammar */
export function checkLocations(names: readonly string[]): void {
  const broken = names.length === 0 ? "locations must not be empty" : names.map(locationNameRule);
  const rule = typeof broken === "string" ? broken : broken.find((each) => each !== undefined);
  if (rule !== undefined) throw new S2Error({ code: "INVALID_ARGUMENT", message: rule });
}

function infoOf(name: string): LocationInfo {
  return {
    name,
    isPrivate: false,
    storageClasses: STORAGE_CLASSES,
    defaultStorageClass: DEFAULT_STREAM_CONFIG.storageClass,
  };
}
