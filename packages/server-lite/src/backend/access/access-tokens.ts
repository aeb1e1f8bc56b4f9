// Access tokens of the account: issue, list, revoke, and who a request comes from. Secrets are
// returned once and never kept: the store holds SHA-256 hashes. What a token permits is decided in
// `authorize`. Spec: control-plane#issue, control-plane#what-is-checked.

import { assert, type Random, S2Error } from "@s2kit/core";
import {
  type AccessTokenInfo,
  checkIssueRequest,
  escalationOf,
  type IssueAccessTokenRequest,
  type Page,
  rfc3339Nanos,
  withinIssuerPrefix,
} from "@s2kit/core/control";
import type { Catalog, NameRange } from "../catalog/catalog.js";
import { ACCESS_TOKEN, type AccessTokenRecord } from "../catalog/keys/access-token.js";
import type { AccountChange } from "../catalog/keys/account-change.js";
import { ONLY, put, remove } from "../catalog/keys/key-kind.js";
import { ROOT_TOKEN } from "../catalog/keys/root-token.js";
import { TOKEN_HASH } from "../catalog/keys/token-hash.js";
import { invalid } from "../invalid.js";
import { type Access, accessOf, ROOT_ACCESS } from "./access.js";
import { listWithin } from "./authorize.js";
import { ReadTickets } from "./read-tickets.js";
import { hashOf, isSameHash, newSecret } from "./secret.js";
import { authn, checkStreamPrefix, endedBy, infoOf, isExpired } from "./token-rules.js";

export interface AccessTokensComponents {
  readonly catalog: Catalog;
  /** Of secrets: the system's. */
  readonly random: Random;
  now(): number;
}

/**
 * Most accesses that are kept decoded; the oldest makes room. What is in force is the store's word.
 */
const MAX_CACHED = 10_000;
/** Tokens that one sweep looks at. */
const SWEEP_LIMIT = 1000;
/** Stands for a token where none is asked for: a ticket is not looked at there. */
const NO_HASH: string = hashOf("");
assert(SWEEP_LIMIT <= MAX_CACHED, "a sweep looks at no more than is kept");

export class AccessTokens {
  /** What a token lets in for a short time, by a URL alone. */
  readonly tickets: ReadTickets;
  private readonly components: AccessTokensComponents;
  private readonly cache = new Map<string, Access>();
  /** Undefined without authentication: nobody is asked for a token then. */
  private rootHash: string | undefined = undefined;
  private sweepAfter = "";
  /** The hash of the secret behind each access that was handed out. */
  private readonly hashes = new WeakMap<Access, string>();
  /** Called with the id of a token that was revoked, or found to be expired. */
  onEnded: ((tokenId: string) => void) | undefined = undefined;

  constructor(components: AccessTokensComponents) {
    this.components = components;
    this.tickets = new ReadTickets(components, {
      rootHash: () => this.rootHash ?? NO_HASH,
      hashBehind: (access) => this.hashes.get(access) ?? this.rootHash ?? NO_HASH,
      inForce: (hash) => this.inForce(hash),
      standFor: (access, hash) => void this.hashes.set(access, hash),
    });
  }

  /**
   * Sets the root token: the given one, else the one of earlier starts, else a new one.
   *
   * @returns the secret when it was made now, to be shown once
   */
  openRoot(given: string | undefined): string | undefined {
    if (given !== undefined) {
      this.rootHash = hashOf(given);
      return undefined;
    }
    this.rootHash = this.components.catalog.get(ROOT_TOKEN, ONLY);
    if (this.rootHash !== undefined) return undefined;
    const secret = newSecret(this.components.random);
    this.rootHash = hashOf(secret);
    this.components.catalog.commit([put(ROOT_TOKEN, ONLY, this.rootHash)]);
    return secret;
  }

  /**
   * Who sent a request.
   *
   * @param header - `authorization`
   * @throws {S2Error} `authn` for anything but a bearer token that is known and in force
   */
  authenticate(header: string | undefined): Access {
    const secret = header === undefined ? undefined : /^bearer +(\S+)$/i.exec(header)?.[1];
    if (secret === undefined) throw authn("missing or malformed access token");
    return this.inForce(hashOf(secret));
  }

  /** True when what was authenticated earlier is not in force any more. */
  hasEnded(access: Access): boolean {
    // First of all: what came of the root token may end, though the root token does not.
    if (isExpired(access.expiresNanos, this.components.now())) return true;
    if (access.tokenId === undefined) return false;
    const hash = this.hashes.get(access);
    if (hash === undefined) return true;
    // The cache forgets, but what ended is never in it.
    return this.cache.get(hash) !== access && this.recordOf(hash) === undefined;
  }

  /**
   * Checks an access again, after something was waited for.
   *
   * @throws {S2Error} `authn`
   */
  requireInForce(access: Access): void {
    if (this.hasEnded(access)) throw authn("access token is revoked or expired");
  }

  list(access: Access, range: NameRange): Page<AccessTokenInfo> {
    const page = listWithin(access.scope.accessTokens, range, (visible) => {
      const { items, hasMore } = this.components.catalog.page(ACCESS_TOKEN, visible);
      return { items, hasMore };
    });
    return {
      items: page.items.map(({ name, value }) => infoOf(name, value)),
      hasMore: page.hasMore,
    };
  }

  /**
   * @returns the secret
   * @throws {S2Error} `permission_denied`, `invalid`, `resource_already_exists`
   */
  issue(issuer: Access, asked: IssueAccessTokenRequest): string {
    const request = withinIssuerPrefix(asked, issuer);
    const escalation = escalationOf(request, issuer);
    if (escalation !== undefined)
      throw new S2Error({ code: "permission_denied", message: escalation });
    checkIssueRequest(request);
    checkStreamPrefix(request.scope);
    const expiresAt = request.expiresAt ?? issuer.expiresAt;
    this.checkExpiry(expiresAt, issuer);
    const { catalog } = this.components;
    const existing = catalog.get(ACCESS_TOKEN, request.id);
    if (existing !== undefined && !this.isOver(existing)) {
      const message = `access token \`${request.id}\` already exists`;
      throw new S2Error({ code: "resource_already_exists", message });
    }
    if (existing !== undefined) this.drop(request.id, existing);
    const secret = newSecret(this.components.random);
    const hash = hashOf(secret);
    const record: AccessTokenRecord = {
      hash,
      issuedMs: this.components.now(),
      expiresAt,
      autoPrefixStreams: request.autoPrefixStreams ?? false,
      scope: request.scope,
    };
    catalog.commit([put(ACCESS_TOKEN, request.id, record), put(TOKEN_HASH, hash, request.id)]);
    return secret;
  }

  /** @throws {S2Error} `access_token_not_found` */
  revoke(id: string): void {
    const record = this.components.catalog.get(ACCESS_TOKEN, id);
    if (record === undefined) {
      const message = `access token \`${id}\` not found`;
      throw new S2Error({ code: "access_token_not_found", message });
    }
    this.drop(id, record);
  }

  /**
   * Forgets tokens that have expired: those that were used lately, and a bounded number of the
   * others. None of them is accepted any more.
   */
  sweep(): void {
    const now = this.components.now();
    for (const { tokenId, expiresNanos } of this.cache.values()) {
      if (tokenId === undefined || !isExpired(expiresNanos, now)) continue;
      const record = this.components.catalog.get(ACCESS_TOKEN, tokenId);
      if (record !== undefined && this.isOver(record)) this.drop(tokenId, record);
    }
    const page = this.components.catalog.page(ACCESS_TOKEN, {
      prefix: "",
      startAfter: this.sweepAfter,
      limit: SWEEP_LIMIT,
    });
    for (const { name, value } of page.items) if (this.isOver(value)) this.drop(name, value);
    this.sweepAfter = page.hasMore ? (page.items.at(-1)?.name ?? "") : "";
  }

  /** The access of the token with this hash of its secret. @throws {S2Error} `authn` */
  private inForce(hash: string): Access {
    if (this.rootHash !== undefined && isSameHash(hash, this.rootHash)) return ROOT_ACCESS;
    const access = this.cache.get(hash) ?? this.find(hash);
    if (access === undefined) throw authn("access token is not known");
    if (isExpired(access.expiresNanos, this.components.now()))
      throw authn("access token is expired");
    return access;
  }

  /** Rows came from elsewhere: what they end is over here too. */
  changed(rows: AccountChange): void {
    const { hashes, ids } = endedBy(rows);
    for (const hash of hashes) this.cache.delete(hash);
    for (const id of ids) this.onEnded?.(id);
  }

  private drop(id: string, record: AccessTokenRecord): void {
    this.components.catalog.commit([remove(ACCESS_TOKEN, id), remove(TOKEN_HASH, record.hash)]);
    this.cache.delete(record.hash);
    this.onEnded?.(id);
  }

  private find(hash: string): Access | undefined {
    const found = this.recordOf(hash);
    if (found === undefined) return undefined;
    const { scope, autoPrefixStreams, expiresAt } = found.record;
    const access = accessOf({ tokenId: found.id, scope, autoPrefixStreams, expiresAt });
    for (const oldest of this.cache.keys()) {
      if (this.cache.size < MAX_CACHED) break;
      this.cache.delete(oldest);
    }
    this.cache.set(hash, access);
    this.hashes.set(access, hash);
    return access;
  }

  private recordOf(hash: string): { id: string; record: AccessTokenRecord } | undefined {
    const { catalog } = this.components;
    const id = catalog.get(TOKEN_HASH, hash);
    const record = id === undefined ? undefined : catalog.get(ACCESS_TOKEN, id);
    if (id === undefined || record === undefined || !isSameHash(hash, record.hash))
      return undefined;
    return { id, record };
  }

  private isOver({ expiresAt }: AccessTokenRecord): boolean {
    const nanos = expiresAt === undefined ? undefined : rfc3339Nanos(expiresAt);
    return isExpired(nanos, this.components.now());
  }

  private checkExpiry(expiresAt: string | undefined, issuer: Access): void {
    if (expiresAt === undefined) return;
    const nanos = rfc3339Nanos(expiresAt);
    if (isExpired(nanos, this.components.now())) throw invalid("expires_at must be in the future");
    if (nanos !== undefined && issuer.expiresNanos !== undefined && nanos > issuer.expiresNanos)
      throw invalid("expires_at must not be later than that of the issuing token");
  }
}
