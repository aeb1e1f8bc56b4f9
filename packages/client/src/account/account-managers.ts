// The managers of an account, which few pages use: basins, streams, access tokens, locations and
// metrics. The web face loads this file with the first call of any of them. Spec: sdk#surface,
// sdk#in-browsers.

import type { ClientContext } from "../request/client-context.js";
import { S2AccessTokens } from "./access-tokens.js";
import { S2Basins } from "./basins.js";
import { S2Locations } from "./locations.js";
import type { AccountManagers } from "./managers.js";
import { S2Metrics } from "./metrics.js";
import { S2Streams } from "./streams.js";

export function createAccountManagers(context: ClientContext): AccountManagers {
  return {
    basins: new S2Basins(context),
    accessTokens: new S2AccessTokens(context),
    locations: new S2Locations(context),
    metrics: new S2Metrics(context),
    streamsOf: (basin) => new S2Streams(context, basin),
  };
}
