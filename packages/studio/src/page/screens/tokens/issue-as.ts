// Issuing the same token outside of this page.
// Used by the form; pure but for what the page knows of its server.

import { type CopyAs, curl, flags, program, shellWord, text } from "../../format/copy-as.js";
import { now, parseDurationSecs } from "../../format/times.js";
import { common, endpoint } from "../../state/connection.js";
import { type ScopeFields, scopeFlags, scopeJson } from "./scope.js";

export function issueAs(
  id: string,
  fields: ScopeFields,
  isPrefixed: boolean,
  validFor: string,
): CopyAs {
  const secs = parseDurationSecs(validFor);
  const expires = secs === undefined ? undefined : new Date(now() + secs * 1000).toISOString();
  return {
    title: "issue this token",
    cli: `s2kit issue-access-token ${shellWord(id)}${scopeFlags(fields)}${flags({ "auto-prefix-streams": isPrefixed, "expires-in": secs === undefined ? "" : validFor.trim() })}`,
    curl: curl({
      ...common(),
      method: "POST",
      path: "/access-tokens",
      json: { id, scope: scopeJson(fields), auto_prefix_streams: isPrefixed, expires_at: expires },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const { accessToken } = await s2.accessTokens.issue({
  id: ${text(id)},
  scope: ${text({ ...(scopeJson(fields) as object), access_tokens: undefined, accessTokens: (scopeJson(fields) as { access_tokens: unknown }).access_tokens })},
  autoPrefixStreams: ${isPrefixed},${expires === undefined ? "" : `\n  expiresAt: ${text(expires)},`}
});
console.log(accessToken);`,
    ),
  };
}
