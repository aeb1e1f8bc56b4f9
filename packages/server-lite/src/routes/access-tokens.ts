// Routes of access tokens: decode, call the backend, encode. No rules here.
// Spec: control-plane#issue.

import { accessTokenIdPrefixRule, parseAccessTokenId } from "@s2kit/core";
import {
  accessTokenInfoToJson,
  issueAccessTokenRequestFromJson,
  issuedAccessTokenToJson,
  pageToJson,
} from "@s2kit/core/control";
import type { Backend } from "../backend/backend.js";
import { emptyReply, jsonReply } from "../exchange/reply.js";
import { jsonBodyOf, nameRangeOf } from "../exchange/request.js";
import type { RouteHandler } from "../exchange/router.js";

export type AccessTokenRoute = "issue-access-token" | "list-access-tokens" | "revoke-access-token";

export function accessTokenRoutes({
  accessTokens,
}: Backend): Record<AccessTokenRoute, RouteHandler> {
  return {
    async "list-access-tokens"({ access, query }) {
      const page = accessTokens.list(access, nameRangeOf(query, accessTokenIdPrefixRule));
      return jsonReply(200, pageToJson(page, "access_tokens", accessTokenInfoToJson));
    },
    async "issue-access-token"(request) {
      const asked = issueAccessTokenRequestFromJson(await jsonBodyOf(request));
      return jsonReply(201, issuedAccessTokenToJson(accessTokens.issue(request.access, asked)));
    },
    async "revoke-access-token"({ params }) {
      accessTokens.revoke(parseAccessTokenId(params.id ?? "", "bad_path"));
      return emptyReply(204);
    },
  };
}
