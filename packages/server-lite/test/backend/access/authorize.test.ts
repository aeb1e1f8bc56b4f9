import {
  encodeAppendInput,
  fenceRecord,
  OPERATIONS,
  type Operation,
  type PathParams,
  ROUTES,
  type RouteName,
  S2Error,
  trimRecord,
} from "@s2kit/core";
import { type AccessTokenScope } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Access, accessOf, ROOT_ACCESS } from "../../../src/backend/access/access.js";
import { appendInspection, denialOf } from "../../../src/backend/access/authorize.js";

const EVERYTHING = {
  basins: { prefix: "" },
  streams: { prefix: "" },
  accessTokens: { prefix: "" },
} as const;
const NAMES: PathParams = { basin: "test-basin", stream: "s/1", id: "token-1" };
const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];

function access(scope: AccessTokenScope, autoPrefixStreams = false): Access {
  return accessOf({ tokenId: "t", scope, autoPrefixStreams, expiresAt: undefined });
}

function paramsOf(route: RouteName): PathParams {
  const names = [...ROUTES[route].template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  return Object.fromEntries(names.map((name) => [name, NAMES[name] ?? ""]));
}

function refusal(given: Access, route: RouteName): string | undefined {
  return denialOf(given, route, paramsOf(route), "test-basin")?.message;
}

describe.each(ROUTE_NAMES)("the route %s", (route) => {
  const { operations } = ROUTES[route];

  it("is open to the root token and closed to an empty scope", () => {
    expect(refusal(ROOT_ACCESS, route)).toBeUndefined();
    expect(refusal(access({}), route)).toMatch(/^\[permission_denied\] operation is not permitted/);
  });

  it("needs exactly its operations", () => {
    expect(refusal(access({ ...EVERYTHING, ops: operations }), route)).toBeUndefined();
    for (const missing of operations) {
      const others = OPERATIONS.filter(
        (each) => each !== missing && (route !== "append" || (each !== "trim" && each !== "fence")),
      );
      expect(refusal(access({ ...EVERYTHING, ops: others }), route)).toContain(`op=${missing}`);
    }
  });

  it("needs every resource that it names to be in scope", () => {
    const params = paramsOf(route);
    const isBasinLevel = ROUTES[route].level === "basin";
    if (isBasinLevel || params.basin !== undefined)
      expect(
        refusal(
          access({ ...EVERYTHING, basins: { exact: "test-basin-2" }, ops: OPERATIONS }),
          route,
        ),
      ).toContain("basin is out of scope");
    if (params.stream !== undefined)
      expect(
        refusal(access({ ...EVERYTHING, streams: undefined, ops: OPERATIONS }), route),
      ).toContain("stream is out of scope");
    if (params.id !== undefined)
      expect(
        refusal(access({ ...EVERYTHING, accessTokens: { prefix: "x" }, ops: OPERATIONS }), route),
      ).toContain("access_token is out of scope");
  });
});

describe("authorization", () => {
  it("refuses a list whose resource set is none", () => {
    const scope = { ops: OPERATIONS, basins: { prefix: "" } };
    expect(refusal(access(scope), "list-streams")).toContain("no stream is in scope");
    expect(refusal(access(scope), "list-access-tokens")).toContain("no access_token is in scope");
    expect(refusal(access({ ops: OPERATIONS, basins: { exact: "" } }), "list-basins")).toContain(
      "no basin is in scope",
    );
  });

  it("never permits a name outside the set, whatever the names are", () => {
    const name = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "/") });
    fc.assert(
      fc.property(name, name, fc.boolean(), fc.boolean(), (member, asked, isExact, isPrefixing) => {
        const streams = isExact ? { exact: member } : { prefix: member };
        const given = access({ ...EVERYTHING, streams, ops: ["read"] }, isPrefixing && !isExact);
        const known = given.streamPrefix + asked;
        const isInside = isExact ? known === member : known.startsWith(member);
        const denial = denialOf(given, "read", { stream: asked }, "test-basin");
        expect(denial === undefined).toBe(isInside);
      }),
    );
  });

  it("says the same about a missing resource and a foreign one", () => {
    const given = access({ ...EVERYTHING, basins: { exact: "test-basin" }, ops: OPERATIONS });
    const [one, two] = ["basin-that-is", "basin-that-is-not"].map(
      (basin) => denialOf(given, "get-basin-config", { basin }, "")?.message,
    );
    expect(one).toBe(two);
  });
});

describe("the check of appended batches", () => {
  const plain = { headers: [], body: new Uint8Array(1) };
  const fence = fenceRecord("f");
  const trim = trimRecord(1);

  it.each<[readonly Operation[], string, string]>([
    [["append"], "plain", "none"],
    [["append"], "plain fence", "fence"],
    [["append"], "trim", "trim"],
    [["fence"], "fence fence", "none"],
    [["fence"], "fence plain", "append"],
    [["trim"], "trim", "none"],
    [["trim", "append"], "plain trim", "none"],
    [["trim", "fence"], "fence trim", "none"],
  ])("with %j, answers %s with %s", (ops, kinds, missing) => {
    const kindOf = { plain, fence, trim };
    const records = kinds.split(" ").map((kind) => kindOf[kind as keyof typeof kindOf]);
    const batch = scanAppendInput(encodeAppendInput({ records }), new AppendBatch());
    const inspect = appendInspection(access({ ...EVERYTHING, ops }));
    let found = "none";
    try {
      inspect?.(batch);
    } catch (error) {
      found = S2Error.from(error).message.split("op=")[1] ?? "";
    }
    expect(found).toBe(missing);
  });

  it("does not exist for a token that may do all three", () => {
    expect(appendInspection(ROOT_ACCESS)).toBeUndefined();
  });
});
