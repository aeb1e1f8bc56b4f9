// Basins and their locations on one catalog: what a repeated create does, which location a new basin gets,
// what is still allowed while a basin is going. Spec: control-plane#create, control-plane#locations.

import { describe, expect, test } from "vitest";
import { Catalog } from "../../../src/backend/catalog/catalog.js";
import { requireActiveBasin, requireBasin } from "../../../src/backend/control/basin-lookup.js";
import { Basins } from "../../../src/backend/control/basins.js";
import { checkLocations, Locations } from "../../../src/backend/control/locations.js";
import { requestKeyOf } from "../../../src/backend/control/provision.js";
import { createMemoryStorage } from "../../../src/storage/memory/memory.js";

const basin = "control-basin";

function account(names: readonly string[] = ["here", "there"]) {
  const catalog = new Catalog(createMemoryStorage(), { lastPosition: 0 });
  const locations = new Locations(catalog, names);
  const deleted: string[] = [];
  const basins = new Basins({
    catalog,
    now: () => 1000,
    locationOf: (requested) => locations.locationOf(requested),
    onDeleted: () => deleted.push("soon"),
  });
  return { catalog, locations, basins, deleted };
}

describe("a create call", () => {
  test("with the token of the one before it does nothing, and answers the same basin", () => {
    const { basins } = account();
    const first = basins.create({ basin, requestToken: "once" });
    const again = basins.create({ basin, requestToken: "once" });
    expect([first.result, again.result]).toEqual(["created", "noop"]);
    expect(again.value).toEqual(first.value);
  });

  test.each([
    ["no token", {}],
    ["another token", { requestToken: "twice" }],
    ["the same token and another place", { requestToken: "once", location: "there" }],
  ])("with %s is refused when the basin is there", (_, request) => {
    const { basins } = account();
    basins.create({ basin, requestToken: "once" });
    expect(() => basins.create({ basin, ...request })).toThrow(
      expect.objectContaining({ code: "resource_already_exists" }),
    );
  });

  test("is known by where its token ends, not by what both spell together", () => {
    expect(requestKeyOf(undefined, "b")).toBeUndefined();
    expect(requestKeyOf("a", "b")).toBe(requestKeyOf("a", "b"));
    expect(requestKeyOf('a"b"', "c")).not.toBe(requestKeyOf("a", 'b"c'));
  });
});

describe("the location of a basin", () => {
  test("is the first until another is the default, and stays as it was made", () => {
    const { catalog, locations, basins } = account();
    basins.create({ basin });
    locations.setDefault("there");
    basins.create({ basin: "control-basin-2" });
    expect(requireBasin(catalog, basin).location).toBe("here");
    expect(requireBasin(catalog, "control-basin-2").location).toBe("there");
  });

  test("that is unknown is refused, and changes nothing", () => {
    const { catalog, locations, basins } = account();
    const invalid = expect.objectContaining({ code: "invalid" });
    expect(() => basins.create({ basin, location: "nowhere" })).toThrow(invalid);
    expect(() => locations.setDefault("nowhere")).toThrow(invalid);
    expect(catalog.basin(basin)).toBeUndefined();
    expect(locations.default.name).toBe("here");
  });

  test("falls back to the first when the stored default is not offered any more", () => {
    const { catalog, locations } = account();
    locations.setDefault("there");
    expect(new Locations(catalog, ["here", "there"]).default.name).toBe("there");
    expect(new Locations(catalog, ["elsewhere"]).default.name).toBe("elsewhere");
  });

  test("is one of a list that is not empty, of names in the grammar", () => {
    const invalid = expect.objectContaining({ code: "INVALID_ARGUMENT" });
    expect(() => checkLocations([])).toThrow(invalid);
    expect(() => checkLocations(["here", ""])).toThrow(invalid);
    expect(() => checkLocations(["here"])).not.toThrow();
  });
});

describe("a basin that is going", () => {
  test("is still found, and refuses changes until it is gone", () => {
    const { catalog, basins, deleted } = account();
    basins.create({ basin });
    expect(requireActiveBasin(catalog, basin).deletedMs).toBeUndefined();
    basins.delete(basin);
    const pending = expect.objectContaining({ code: "basin_deletion_pending" });
    expect(requireBasin(catalog, basin).deletedMs).toBe(1000);
    expect(() => requireActiveBasin(catalog, basin)).toThrow(pending);
    expect(() => basins.create({ basin })).toThrow(pending);
    expect(deleted).toEqual(["soon"]);
  });

  test("that never was is not found", () => {
    const { catalog } = account();
    for (const find of [requireBasin, requireActiveBasin])
      expect(() => find(catalog, basin)).toThrow(
        expect.objectContaining({ code: "basin_not_found" }),
      );
  });
});
