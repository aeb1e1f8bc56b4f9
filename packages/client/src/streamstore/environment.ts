// Options of a client from the environment, in the official shape.
// Spec: sdk#the-official-face, sdk#environment.

import * as ours from "@s2kit/client";
import type { S2ClientOptions } from "./client.js";
import { S2Endpoints } from "./endpoints.js";

/** Options of a client, as far as the environment has them. */
export type S2EnvironmentConfig = Partial<S2ClientOptions>;

/** Reads options of a client from environment variables. */
export class S2Environment {
  /** `S2_ACCESS_TOKEN`, `S2_ENDPOINT`, `S2_ACCOUNT_ENDPOINT`, `S2_BASIN_ENDPOINT`. */
  static parse(): S2EnvironmentConfig {
    const { accessToken, endpoints } = ours.S2Environment.parse();
    const { account, basin } = (endpoints ?? {}) as ours.EndpointTemplates;
    const init = {
      ...(account === undefined ? {} : { account }),
      ...(basin === undefined ? {} : { basin }),
    };
    return {
      ...(typeof accessToken === "string" ? { accessToken } : {}),
      ...(endpoints === undefined ? {} : { endpoints: new S2Endpoints(init) }),
    };
  }
}
