// What the managers of an account are, without their code. Every face has this type, and only some
// have the code at once: declarations must not name a file that is loaded late, which has none.

import type { BasinName } from "@s2kit/core";
import type { S2AccessTokens } from "./access-tokens.js";
import type { S2Basins } from "./basins.js";
import type { S2Locations } from "./locations.js";
import type { S2Metrics } from "./metrics.js";
import type { S2Streams } from "./streams.js";

export interface AccountManagers {
  readonly basins: S2Basins;
  readonly accessTokens: S2AccessTokens;
  readonly locations: S2Locations;
  readonly metrics: S2Metrics;
  /** Those of one basin. */
  streamsOf(basin: BasinName): S2Streams;
}
