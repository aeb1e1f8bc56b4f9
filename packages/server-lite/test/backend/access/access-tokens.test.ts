import { type Random, S2Error, systemRandom } from "@s2kit/core";
import {
  type AccessTokenScope,
  FULL_ACCESS,
  type IssueAccessTokenRequest,
} from "@s2kit/core/control";
import { describe, expect, it } from "vitest";
import { type Access, ROOT_ACCESS } from "../../../src/backend/access/access.js";
import { AccessTokens } from "../../../src/backend/access/access-tokens.js";
import { Catalog } from "../../../src/backend/catalog/catalog.js";
import { createMemoryMedium, createMemoryStorage } from "../../../src/storage/memory/memory.js";
import type { Storage } from "../../../src/storage/storage.js";

const NOW = Date.UTC(2026, 10, 21);
const ALL = { prefix: "", startAfter: "", limit: 1000 };

interface Account {
  readonly tokens: AccessTokens;
  readonly clock: { now: number };
  readonly storage: Storage;
}

function openAccount(
  storage: Storage = createMemoryStorage(),
  random: Random = systemRandom,
): Account {
  const clock = { now: NOW };
  const catalog = new Catalog(storage, { lastPosition: 0 });
  const tokens = new AccessTokens({ catalog, random, now: () => clock.now });
  return { tokens, clock, storage };
}

function request(changes: Partial<IssueAccessTokenRequest> = {}): IssueAccessTokenRequest {
  return { id: "child", scope: { ops: ["list-basins"] }, ...changes };
}

function accessFor(tokens: AccessTokens, asked: IssueAccessTokenRequest): Access {
  return tokens.authenticate(`Bearer ${tokens.issue(ROOT_ACCESS, asked)}`);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return S2Error.from(error).code;
  }
  return "none";
}

describe("a root token", () => {
  it("is made at the first start, shown once, and known at every later one", () => {
    const medium = createMemoryMedium();
    const first = openAccount(createMemoryStorage({ medium }));
    const secret = first.tokens.openRoot(undefined);
    expect(secret).toMatch(/^s2kit_[\w-]{43}$/);
    expect(first.tokens.authenticate(`Bearer ${secret}`)).toBe(ROOT_ACCESS);
    const again = openAccount(createMemoryStorage({ medium }));
    expect(again.tokens.openRoot(undefined)).toBeUndefined();
    expect(again.tokens.authenticate(`bearer ${secret}`)).toBe(ROOT_ACCESS);
  });

  it("can be given, and then is the only one and not stored", () => {
    const { tokens, storage } = openAccount();
    const made = tokens.openRoot(undefined);
    expect(tokens.openRoot("from-the-environment")).toBeUndefined();
    expect(tokens.authenticate("Bearer from-the-environment")).toBe(ROOT_ACCESS);
    expect(codeOf(() => tokens.authenticate(`Bearer ${made}`))).toBe("authn");
    expect(dump(storage)).not.toContain("from-the-environment");
  });
});

describe("authentication", () => {
  it.each([undefined, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer unknown"])(
    "refuses the header %j",
    (header) => {
      const { tokens } = openAccount();
      tokens.openRoot("root");
      expect(codeOf(() => tokens.authenticate(header))).toBe("authn");
    },
  );

  it("refuses everything while there is no root token", () => {
    const { tokens } = openAccount();
    expect(codeOf(() => tokens.authenticate("Bearer undefined"))).toBe("authn");
  });

  it("knows a token after a restart, by nothing but its hash", () => {
    const medium = createMemoryMedium();
    const first = openAccount(createMemoryStorage({ medium }));
    const secret = first.tokens.issue(ROOT_ACCESS, request());
    expect(dump(first.storage)).not.toContain(secret.slice(6));
    const second = openAccount(createMemoryStorage({ medium }));
    expect(second.tokens.authenticate(`Bearer ${secret}`).tokenId).toBe("child");
  });

  it("ends at the nanosecond that was given, not at the millisecond around it", () => {
    const { tokens, clock } = openAccount();
    const expiresAt = "2026-11-21T00:00:10.000000001Z";
    const secret = tokens.issue(ROOT_ACCESS, request({ expiresAt }));
    clock.now = NOW + 10_000;
    expect(tokens.authenticate(`Bearer ${secret}`).expiresAt).toBe(expiresAt);
    clock.now++;
    expect(codeOf(() => tokens.authenticate(`Bearer ${secret}`))).toBe("authn");
  });
});

describe("issuing", () => {
  it("shows the token in the next list, with the text of its expiry", () => {
    const { tokens } = openAccount();
    const expiresAt = "2026-12-01T02:00:00.123456789+02:00";
    tokens.issue(ROOT_ACCESS, request({ id: "b", expiresAt }));
    tokens.issue(ROOT_ACCESS, request({ id: "a" }));
    const { items, hasMore } = tokens.list(ROOT_ACCESS, ALL);
    expect(items.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(items[1]?.expiresAt).toBe(expiresAt);
    expect(hasMore).toBe(false);
    expect(tokens.list(ROOT_ACCESS, { ...ALL, limit: 1 })).toMatchObject({
      items: [{ id: "a" }],
      hasMore: true,
    });
  });

  it("refuses a taken id, and gives it away again once it is revoked or expired", () => {
    const { tokens, clock } = openAccount();
    tokens.issue(ROOT_ACCESS, request());
    expect(codeOf(() => tokens.issue(ROOT_ACCESS, request()))).toBe("resource_already_exists");
    tokens.revoke("child");
    const old = tokens.issue(ROOT_ACCESS, request({ expiresAt: "2026-11-21T00:00:01Z" }));
    clock.now += 1000;
    const fresh = tokens.issue(ROOT_ACCESS, request());
    expect(codeOf(() => tokens.authenticate(`Bearer ${old}`))).toBe("authn");
    expect(tokens.authenticate(`Bearer ${fresh}`).tokenId).toBe("child");
  });

  it("refuses what breaks a rule of its own", () => {
    const { tokens } = openAccount();
    const messageOf = (changes: Partial<IssueAccessTokenRequest>): string => {
      try {
        tokens.issue(ROOT_ACCESS, request(changes));
        return "none";
      } catch (error) {
        return S2Error.from(error).message;
      }
    };
    expect(messageOf({ scope: {} })).toBe("[invalid] Access token permissions cannot be empty");
    expect(messageOf({ autoPrefixStreams: true })).toBe(
      "[invalid] Auto prefixing is only allowed for streams with prefix matching",
    );
    expect(messageOf({ expiresAt: "2020-01-01T00:00:00Z" })).toMatch(/^\[invalid\].*future/);
    expect(tokens.list(ROOT_ACCESS, ALL).items).toEqual([]);
  });

  it("inherits the issuer's expiry, and must not outlive it", () => {
    const { tokens } = openAccount();
    const issuer = accessFor(
      tokens,
      request({ id: "issuer", expiresAt: "2026-11-22T00:00:00Z", scope: FULL_ACCESS }),
    );
    tokens.issue(issuer, request({ id: "heir" }));
    const heir = tokens.list(ROOT_ACCESS, { ...ALL, prefix: "heir" }).items[0];
    expect(heir?.expiresAt).toBe("2026-11-22T00:00:00Z");
    const longer = request({ expiresAt: "2026-11-22T00:00:00.000000001Z" });
    expect(codeOf(() => tokens.issue(issuer, longer))).toBe("invalid");
    const equal = request({ id: "equal", expiresAt: "2026-11-22T01:00:00+01:00" });
    expect(codeOf(() => tokens.issue(issuer, equal))).toBe("none");
  });

  const limited: AccessTokenScope = {
    basins: { prefix: "team-" },
    streams: { prefix: "logs/" },
    accessTokens: { prefix: "team/" },
    opGroups: { account: { read: true } },
    ops: ["issue-access-token", "read"],
  };

  it.each<[string, Partial<IssueAccessTokenRequest>, string]>([
    ["a subset", { scope: { ops: ["read"], basins: { exact: "team-one" } } }, "none"],
    ["a longer prefix", { scope: { ops: ["read"], streams: { prefix: "logs/a" } } }, "none"],
    ["its own group", { scope: { opGroups: { account: { read: true } } } }, "none"],
    ["an id out of scope", { id: "other" }, "permission_denied"],
    ["an operation more", { scope: { ops: ["append"] } }, "permission_denied"],
    ["another group", { scope: { opGroups: { stream: { read: true } } } }, "permission_denied"],
    ["all basins", { scope: { ops: ["read"], basins: { prefix: "" } } }, "permission_denied"],
    [
      "a shorter prefix",
      { scope: { ops: ["read"], streams: { prefix: "l" } } },
      "permission_denied",
    ],
  ])("lets a limited token hand on %s or refuses it", (_, changes, outcome) => {
    const { tokens } = openAccount();
    const issuer = accessFor(tokens, request({ id: "issuer", scope: limited }));
    expect(codeOf(() => tokens.issue(issuer, request({ id: "team/x", ...changes })))).toBe(outcome);
  });

  it("takes the streams of a child from inside an auto-prefixed issuer's prefix", () => {
    const { tokens } = openAccount();
    const issuer = accessFor(
      tokens,
      request({
        id: "issuer",
        autoPrefixStreams: true,
        scope: { ...FULL_ACCESS, streams: { prefix: "tenant/" } },
      }),
    );
    const scope: AccessTokenScope = { ops: ["read"], streams: { prefix: "a" } };
    const secret = tokens.issue(issuer, request({ autoPrefixStreams: true, scope }));
    expect(tokens.authenticate(`Bearer ${secret}`).streamPrefix).toBe("tenant/a");
    const long = { ops: ["read"] as const, streams: { prefix: "x".repeat(512) } };
    expect(codeOf(() => tokens.issue(issuer, request({ id: "long", scope: long })))).toBe(
      "invalid",
    );
  });
});

describe("revoking", () => {
  it("ends the token at once and takes it from the list", () => {
    const { tokens } = openAccount();
    const secret = tokens.issue(ROOT_ACCESS, request());
    tokens.authenticate(`Bearer ${secret}`);
    tokens.revoke("child");
    expect(codeOf(() => tokens.authenticate(`Bearer ${secret}`))).toBe("authn");
    expect(tokens.list(ROOT_ACCESS, ALL).items).toEqual([]);
    expect(codeOf(() => tokens.revoke("child"))).toBe("access_token_not_found");
  });
});

describe("listing", () => {
  it("counts only what the lister's scope names", () => {
    const { tokens } = openAccount();
    for (const id of ["a/1", "a/2", "b/1", "b/2"]) tokens.issue(ROOT_ACCESS, request({ id }));
    const within = (scope: AccessTokenScope): Access =>
      accessFor(tokens, request({ id: `lister-${JSON.stringify(scope)}`, scope }));
    const prefixed = within({ ops: ["list-access-tokens"], accessTokens: { prefix: "b/" } });
    const ids = (access: Access, range: Partial<typeof ALL>): unknown => {
      const page = tokens.list(access, { ...ALL, ...range });
      return [page.items.map(({ id }) => id), page.hasMore];
    };
    expect(ids(prefixed, {})).toEqual([["b/1", "b/2"], false]);
    expect(ids(prefixed, { limit: 1 })).toEqual([["b/1"], true]);
    expect(ids(prefixed, { startAfter: "b/1" })).toEqual([["b/2"], false]);
    expect(ids(prefixed, { prefix: "b/2" })).toEqual([["b/2"], false]);
    expect(ids(prefixed, { prefix: "a" })).toEqual([[], false]);
    const exact = within({ ops: ["list-access-tokens"], accessTokens: { exact: "a/2" } });
    expect(ids(exact, {})).toEqual([["a/2"], false]);
    expect(ids(exact, { startAfter: "a/2" })).toEqual([[], false]);
    const missing = within({ ops: ["list-access-tokens"], accessTokens: { exact: "a/" } });
    expect(ids(missing, {})).toEqual([[], false]);
  });

  it("loses an expired token that was in use to the very next sweep, however many there are", () => {
    const { tokens, clock } = openAccount();
    for (let i = 0; i < 1001; i++) tokens.issue(ROOT_ACCESS, request({ id: `a${i}` }));
    const used = request({ id: "used", expiresAt: "2026-11-21T00:00:01Z" });
    const access = accessFor(tokens, used);
    const ended: string[] = [];
    tokens.onEnded = (id) => ended.push(id);
    tokens.sweep();
    clock.now += 1000;
    expect(tokens.hasEnded(access)).toBe(true);
    tokens.sweep();
    expect(ended).toEqual(["used"]);
  });

  it("loses expired tokens to the sweep, and no others", () => {
    const { tokens, clock } = openAccount();
    tokens.issue(ROOT_ACCESS, request({ id: "stays" }));
    tokens.issue(ROOT_ACCESS, request({ id: "ends", expiresAt: "2026-11-21T00:00:01Z" }));
    tokens.sweep();
    expect(tokens.list(ROOT_ACCESS, ALL).items).toHaveLength(2);
    clock.now += 1000;
    tokens.sweep();
    expect(tokens.list(ROOT_ACCESS, ALL).items.map(({ id }) => id)).toEqual(["stays"]);
  });
});

function dump(storage: Storage): string {
  const entries = storage.scanMeta({ prefix: new Uint8Array(0), limit: 1000 });
  return entries.map(({ key, value }) => Buffer.concat([key, value]).toString()).join("\n");
}
