// What a scope permits and hands on.
// Spec: control-plane#issue, control-plane#operations-and-groups, control-plane#what-is-checked,
// control-plane#automatic-prefixes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccessTokenScope,
  addAutoPrefix,
  autoPrefixOf,
  checkIssueRequest,
  effectiveOperations,
  escalationOf,
  FULL_ACCESS,
  grantedGroups,
  groupsOf,
  type IssueAccessTokenRequest,
  OPERATION_GROUPS,
  type OperationGroup,
  stripAutoPrefix,
  withinIssuerPrefix,
} from "../../src/account/access.js";
import {
  containsResource,
  isResourceSubset,
  type ResourceSet,
} from "../../src/account/resource-set.js";
import { OPERATIONS, type Operation } from "../../src/paths.js";

/** The published table, written down a second time: group by group. */
const GRANTED: Readonly<Record<OperationGroup, readonly Operation[]>> = {
  "account.read": [
    "list-basins",
    "get-basin-config",
    "list-access-tokens",
    "account-metrics",
    "list-locations",
    "get-default-location",
  ],
  "account.write": [
    "create-basin",
    "delete-basin",
    "reconfigure-basin",
    "issue-access-token",
    "revoke-access-token",
    "set-default-location",
  ],
  "basin.read": ["get-basin-config", "list-streams", "get-stream-config", "basin-metrics"],
  "basin.write": ["create-stream", "delete-stream", "reconfigure-stream"],
  "stream.read": ["get-stream-config", "check-tail", "read", "stream-metrics"],
  "stream.write": ["append", "trim", "fence"],
};

function scopeOfGroup(group: OperationGroup): AccessTokenScope {
  const [level, access] = group.split(".") as ["account" | "basin" | "stream", "read" | "write"];
  return { opGroups: { [level]: { [access]: true } } };
}

const resourceSets = fc.oneof(
  fc.constant(undefined),
  fc.record({ exact: fc.string({ maxLength: 3, unit: fc.constantFrom("a", "b") }) }),
  fc.record({ prefix: fc.string({ maxLength: 3, unit: fc.constantFrom("a", "b") }) }),
);

describe("operations", () => {
  it.each(OPERATION_GROUPS)("of the group %s are those of the published table", (group) => {
    const expected = OPERATIONS.filter((operation) => GRANTED[group].includes(operation));

    expect([...effectiveOperations(scopeOfGroup(group))]).toEqual(expected);
    expect([...grantedGroups(scopeOfGroup(group).opGroups)]).toEqual([group]);
  });

  it("all belong to a group, so that full access is all 24", () => {
    expect(OPERATIONS.every((operation) => groupsOf(operation).length > 0)).toBe(true);
    expect(effectiveOperations(FULL_ACCESS)).toEqual(new Set(OPERATIONS));
    expect(OPERATIONS).toHaveLength(24);
  });

  it("of groups and of the list add up, and false flags grant nothing", () => {
    const scope: AccessTokenScope = {
      opGroups: { stream: { read: false, write: true }, account: {} },
      ops: ["read", "append"],
    };

    expect(effectiveOperations(scope)).toEqual(new Set(["append", "trim", "fence", "read"]));
    expect(effectiveOperations({})).toEqual(new Set());
  });
});

describe("a resource set", () => {
  it("names one, a prefix, all or none", () => {
    expect(containsResource({ exact: "a" }, "a")).toBe(true);
    expect(containsResource({ exact: "a" }, "ab")).toBe(false);
    expect(containsResource({ exact: "" }, "")).toBe(false);
    expect(containsResource({ prefix: "a" }, "ab")).toBe(true);
    expect(containsResource({ prefix: "a" }, "ba")).toBe(false);
    expect(containsResource({ prefix: "" }, "anything")).toBe(true);
    expect(containsResource(undefined, "a")).toBe(false);
  });

  it("is a subset exactly when no name of it lies outside", () => {
    const names = fc.string({ maxLength: 4, unit: fc.constantFrom("a", "b") });
    fc.assert(
      fc.property(resourceSets, resourceSets, names, (child, parent, name) => {
        if (!isResourceSubset(child, parent)) return;
        expect(!containsResource(child, name) || containsResource(parent, name)).toBe(true);
      }),
    );
  });

  it("that is a prefix never fits into an exact one, though nothing may have that prefix yet", () => {
    expect(isResourceSubset({ prefix: "a" }, { exact: "a" })).toBe(false);
    expect(isResourceSubset({ exact: "ab" }, { prefix: "a" })).toBe(true);
    expect(isResourceSubset({ prefix: "ab" }, { prefix: "a" })).toBe(true);
    expect(isResourceSubset({ prefix: "" }, { prefix: "a" })).toBe(false);
    expect(isResourceSubset({ exact: "" }, undefined)).toBe(true);
    expect(isResourceSubset({ exact: "a" }, undefined)).toBe(false);
  });
});

describe("an issue request", () => {
  const request = (change: Partial<IssueAccessTokenRequest>): IssueAccessTokenRequest => ({
    id: "child",
    scope: { ops: ["read"] },
    ...change,
  });

  it.each<[string, AccessTokenScope]>([
    ["without anything", {}],
    ["with empty lists", { ops: [], opGroups: { account: { read: false } } }],
  ])("%s permits nothing and is refused in the words of the API", (_, scope) => {
    expect(() => checkIssueRequest(request({ scope }))).toThrow(
      "[invalid] Access token permissions cannot be empty",
    );
  });

  it.each<[ResourceSet | undefined]>([
    [undefined],
    [{ exact: "s" }],
    [{ exact: "" }],
    [{ prefix: "" }],
  ])("cannot auto prefix with streams %j", (streams) => {
    const scope = { ops: ["read"] as const, streams };

    expect(() => checkIssueRequest(request({ scope, autoPrefixStreams: true }))).toThrow(
      "[invalid] Auto prefixing is only allowed for streams with prefix matching",
    );
    expect(() => checkIssueRequest(request({ scope }))).not.toThrow();
  });

  it("may auto prefix with a prefix, and needs no resources at all", () => {
    const scope: AccessTokenScope = { ops: ["read"], streams: { prefix: "p/" } };
    expect(() => checkIssueRequest(request({ scope, autoPrefixStreams: true }))).not.toThrow();
    expect(() => checkIssueRequest(request({}))).not.toThrow();
  });
});

describe("a child token", () => {
  const issuer = {
    autoPrefixStreams: false,
    scope: {
      basins: { prefix: "team-" },
      streams: { prefix: "logs/" },
      accessTokens: { prefix: "team-" },
      ops: ["issue-access-token"],
      opGroups: { stream: { read: true } },
    } satisfies AccessTokenScope,
  };
  const escalation = (scope: AccessTokenScope, id = "team-a"): string | undefined =>
    escalationOf({ id, scope }, issuer);

  it("may hold what its issuer holds", () => {
    expect(
      escalation({
        basins: { exact: "team-basin" },
        streams: { prefix: "logs/web/" },
        accessTokens: { prefix: "team-a" },
        ops: ["issue-access-token", "read"],
        opGroups: { stream: { read: true } },
      }),
    ).toBeUndefined();
    expect(escalationOf({ id: "any", scope: FULL_ACCESS }, { ...issuer, scope: FULL_ACCESS })).toBe(
      undefined,
    );
  });

  it.each<[string, AccessTokenScope]>([
    ["operation exceeds the issuer's op=append", { ops: ["append"] }],
    ["operation exceeds the issuer's op=list-basins", { opGroups: { account: { read: true } } }],
    ["basins exceed the issuer's", { basins: { prefix: "te" } }],
    ["streams exceed the issuer's", { streams: { exact: "other" } }],
    ["access tokens exceed the issuer's", { accessTokens: { prefix: "" } }],
  ])("is an escalation: %s", (reason, scope) => {
    expect(escalation(scope)).toBe(reason);
  });

  it("cannot have a group of which its issuer only lists today's operations", () => {
    const lister = {
      autoPrefixStreams: false,
      scope: { ...FULL_ACCESS, opGroups: undefined, ops: OPERATIONS },
    };

    expect(escalationOf({ id: "c", scope: scopeOfGroup("stream.read") }, lister)).toBe(
      "operation group exceeds the issuer's group=stream.read",
    );
    expect(escalationOf({ id: "c", scope: { ops: OPERATIONS } }, lister)).toBeUndefined();
  });

  it("needs an id in scope and an issuer that may issue", () => {
    expect(escalation({ ops: ["read"] }, "other")).toBe("access token is out of scope id=other");
    const reader = { autoPrefixStreams: false, scope: { ops: ["read"] as const } };
    expect(escalationOf({ id: "a", scope: { ops: ["read"] } }, reader)).toBe(
      "operation is not permitted op=issue-access-token",
    );
  });

  it("never has an operation, basin, stream or token that its issuer has not", () => {
    const scopes = fc.record({
      basins: resourceSets,
      streams: resourceSets,
      accessTokens: resourceSets,
      ops: fc.subarray([...OPERATIONS]),
      opGroups: fc.record({
        account: fc.record({ read: fc.boolean(), write: fc.boolean() }),
        stream: fc.record({ read: fc.boolean(), write: fc.boolean() }),
      }),
    });
    const names = fc.string({ maxLength: 4, unit: fc.constantFrom("a", "b") });
    fc.assert(
      fc.property(scopes, scopes, names, (child, parent, name) => {
        const token = { autoPrefixStreams: false, scope: parent };
        if (escalationOf({ id: "a", scope: child }, token) !== undefined) return;
        const held = effectiveOperations(parent);
        expect([...effectiveOperations(child)].every((operation) => held.has(operation))).toBe(
          true,
        );
        for (const key of ["basins", "streams", "accessTokens"] as const)
          expect(!containsResource(child[key], name) || containsResource(parent[key], name)).toBe(
            true,
          );
      }),
    );
  });
});

describe("auto prefixing", () => {
  it("adds the prefix on the way in and takes it off on the way out", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (prefix, name) => {
        expect(stripAutoPrefix(prefix, addAutoPrefix(prefix, name))).toBe(name);
      }),
    );
  });

  it("hides what lies outside, and the stream that is named like the prefix", () => {
    expect(stripAutoPrefix("p/", "q/s")).toBeUndefined();
    expect(stripAutoPrefix("p/", "p/")).toBeUndefined();
    expect(stripAutoPrefix("", "s")).toBe("s");
  });

  it("of an issuer moves the streams of its children below its own prefix", () => {
    const issuer = {
      autoPrefixStreams: true,
      scope: { ...FULL_ACCESS, streams: { prefix: "team/" } },
    };
    const shifted = (streams: ResourceSet | undefined): ResourceSet | undefined =>
      withinIssuerPrefix({ id: "c", scope: { streams, ops: ["read"] } }, issuer).scope.streams;

    expect(shifted({ prefix: "a" })).toEqual({ prefix: "team/a" });
    expect(shifted({ prefix: "" })).toEqual({ prefix: "team/" });
    expect(shifted({ exact: "s" })).toEqual({ exact: "team/s" });
    expect(shifted({ exact: "" })).toEqual({ exact: "" });
    expect(shifted(undefined)).toBeUndefined();
    const plain = { id: "c", scope: { streams: { prefix: "a" }, ops: ["read"] as const } };
    expect(withinIssuerPrefix(plain, { ...issuer, autoPrefixStreams: false })).toBe(plain);
    expect(autoPrefixOf({ scope: { streams: { exact: "s" } } })).toBe("");
  });
});
