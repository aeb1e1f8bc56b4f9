// The managers of an account that few programs use: access tokens, locations and metrics. The web
// face loads this file with the first call of any of them. Spec: sdk#surface, sdk#in-browsers.

import type { ClientContext } from "../request/client-context.js";
import { S2AccessTokens } from "./access-tokens.js";
import { S2Locations } from "./locations.js";
import { S2Metrics } from "./metrics.js";

export interface AccountManagers {
  readonly accessTokens: S2AccessTokens;
  readonly locations: S2Locations;
  readonly metrics: S2Metrics;
}

export function createAccountManagers(context: ClientContext): AccountManagers {
  return {
    accessTokens: new S2AccessTokens(context),
    locations: new S2Locations(context),
    metrics: new S2Metrics(context),
  };
}
