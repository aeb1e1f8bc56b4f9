// Issuing a token for a case, and the refusal that most of its requests must get.
// Called by the suites beside it; the run revokes what they issue.

import { refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

export const NEEDS = { needs: ["access-tokens", "auth"] } as const;

export async function issue(
  context: Context,
  scope: object,
  more: object = {},
): Promise<{ id: string; token: string }> {
  const id = context.shared.workspace.tokenId();
  const json = { id, scope, ...more };
  const answer = status(await context.call("POST", "/v1/access-tokens", { json }), 201);
  return { id, token: answer.json.access_token };
}

export const forbidden = (answer: Answer, what: string = answer.asked): Answer =>
  refused(answer, 403, "permission_denied", what);
