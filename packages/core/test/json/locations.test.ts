// Locations on the wire: bare arrays and bare strings. Spec: control-plane#locations.

import { describe, expect, it } from "vitest";
import {
  locationInfoFromJson,
  locationNameFromJson,
  locationsFromJson,
  locationsToJson,
} from "../../src/json/locations.js";

describe("locations", () => {
  it("come back as they were sent, without an envelope", () => {
    const locations = [
      { name: "aws:us-east-1", isPrivate: false },
      { name: "aws:eu-north-1", isPrivate: true },
    ];

    expect(locationsToJson(locations)).toEqual([
      { name: "aws:us-east-1", is_private: false },
      { name: "aws:eu-north-1", is_private: true },
    ]);
    expect(locationsFromJson(locationsToJson(locations))).toEqual(locations);
  });

  it("tell their storage classes, and may have fields of the future and lack the flag", () => {
    const told = { storage_classes: ["express", "cold"], default_storage_class: "cold" };
    const location = locationInfoFromJson({ name: "local", ...told, moons: 2 });
    expect(location).toEqual({
      name: "local",
      isPrivate: false,
      storageClasses: ["express", "cold"],
      defaultStorageClass: "cold",
    });
    expect(locationsToJson([location])).toEqual([{ name: "local", is_private: false, ...told }]);
    for (const broken of [{ storage_classes: "express" }, { storage_classes: [1] }])
      expect(() => locationInfoFromJson({ name: "local", ...broken })).toThrow(/^\[bad_json\]/);
  });

  it("are set by a bare name", () => {
    expect(locationNameFromJson("aws:us-east-1")).toBe("aws:us-east-1");
    for (const json of [{ name: "aws:us-east-1" }, "", "a b", "x".repeat(65), null])
      expect(() => locationNameFromJson(json)).toThrow(/^\[bad_json\]/);
  });
});
