// Management of the access tokens of an account, by plain requests with retries. A secret is
// returned once, by issue, and never logged. Spec: sdk#surface, control-plane#access-tokens.

import { parseAccessTokenId } from "@s2kit/core";
import {
  type AccessTokenScope,
  accessTokenInfoFromJson,
  type AccessTokenInfo as CoreAccessTokenInfo,
  formatRfc3339,
  issueAccessTokenRequestToJson,
  issuedAccessTokenFromJson,
  pageFromJson,
} from "@s2kit/core/control";
import { ignoringNotFound, invalidArgument } from "../errors.js";
import {
  type AccessTokenScopeInput,
  requireArgs,
  requireScope,
  withoutNulls,
} from "../input/config-input.js";
import type { RequestOptions } from "../input/request-options.js";
import type { ClientContext } from "../request/client-context.js";
import type { ListArgs } from "./basins.js";
import { type ListAllArgs, listQuery, type Pages, paginate } from "./pages.js";
import { dateOf } from "./resource-info.js";

/** A token as lists show it, without its secret. */
export interface AccessTokenInfo {
  readonly id: string;
  /** Missing: it never expires. */
  readonly expiresAt?: Date;
  readonly autoPrefixStreams: boolean;
  readonly scope: AccessTokenScope;
}

/** A token to issue. */
export interface IssueAccessTokenArgs {
  /** 1 to 96 bytes, unique in the account. */
  readonly id: string;
  /** What it may do, and with what. What is left out, and null, it may not. */
  readonly scope: AccessTokenScopeInput;
  /** Puts the stream prefix of the scope in front of every stream name. Default false. */
  readonly autoPrefixStreams?: boolean | undefined;
  /** A Date, milliseconds since the epoch, or RFC 3339 text; null and absent mean the issuer's. */
  readonly expiresAt?: Date | number | string | null | undefined;
}

/** The access tokens of an account: `s2.accessTokens`. */
export class S2AccessTokens {
  readonly #context: ClientContext;

  /** @internal */
  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** One page, in byte order of ids. */
  async list(
    args: ListArgs = {},
    options: RequestOptions = {},
  ): Promise<{ readonly accessTokens: readonly AccessTokenInfo[]; readonly hasMore: boolean }> {
    const page = await this.#context.unary.json(
      { target: { route: "list-access-tokens", query: listQuery(args) } },
      options,
      (json) => pageFromJson(json, "access_tokens", accessTokenInfoFromJson),
    );
    return { accessTokens: page.items.map(infoOf), hasMore: page.hasMore };
  }

  /** All pages, fetched as they are consumed. */
  listAll(
    args: Omit<ListAllArgs, "includeDeleted"> = {},
    options: RequestOptions = {},
  ): Pages<AccessTokenInfo> {
    return paginate<AccessTokenInfo>(
      {
        fetch: async (query, pageOptions) => {
          const { accessTokens, hasMore } = await this.list(query, pageOptions);
          return { items: accessTokens, hasMore };
        },
        cursorOf: ({ id }) => id,
        isDeleted: () => false,
      },
      args,
      options,
    );
  }

  /** Issues a token. Its secret is in this answer and nowhere else. */
  async issue(
    args: IssueAccessTokenArgs,
    options: RequestOptions = {},
  ): Promise<{ readonly accessToken: string }> {
    requireArgs(args, ["id", "scope", "autoPrefixStreams", "expiresAt"], "accessTokens.issue");
    requireScope(args.scope);
    const request = {
      id: parseAccessTokenId(args.id),
      scope: withoutNulls<AccessTokenScope>(args.scope ?? {}),
      autoPrefixStreams: args.autoPrefixStreams ?? undefined,
      expiresAt: expiryOf(args.expiresAt),
    };
    return this.#context.unary.json(
      {
        target: { route: "issue-access-token" },
        body: { json: issueAccessTokenRequestToJson(request) },
      },
      options,
      (json) => ({ accessToken: issuedAccessTokenFromJson(json) }),
    );
  }

  /** Revokes a token, for good. */
  async revoke(
    args: { readonly id: string; readonly ignoreNotFound?: boolean | undefined },
    options: RequestOptions = {},
  ): Promise<void> {
    requireArgs(args, ["id", "ignoreNotFound"], "accessTokens.revoke");
    const params = { id: parseAccessTokenId(args.id) };
    await ignoringNotFound(
      args.ignoreNotFound,
      this.#context.unary.run({ target: { route: "revoke-access-token", params } }, options),
    );
  }
}

function infoOf(info: CoreAccessTokenInfo): AccessTokenInfo {
  const { expiresAt, ...rest } = info;
  return expiresAt === undefined ? rest : { ...rest, expiresAt: dateOf(expiresAt, "expires_at") };
}

function expiryOf(expiresAt: IssueAccessTokenArgs["expiresAt"]): string | undefined {
  if (expiresAt === undefined || expiresAt === null) return undefined;
  if (typeof expiresAt === "string") return expiresAt;
  const millis = typeof expiresAt === "number" ? expiresAt : expiresAt.getTime();
  if (!Number.isFinite(millis)) throw invalidArgument(`expiresAt must be a time value=${millis}`);
  return formatRfc3339(Math.floor(millis));
}
