// Endpoints as the official client has them; the grammar is ours.
// Spec: sdk#the-official-face, sdk#endpoints.

import * as ours from "@s2kit/client";
import { parseBasinName } from "@s2kit/core";
import { translatingNow } from "./errors.js";

/** Addresses of the account and of its basins. */
export type S2EndpointsInit = {
  account?: string;
  basin?: string;
};

/** Where requests go. */
export class S2Endpoints {
  /** As they were given. @internal */
  readonly init: S2EndpointsInit;
  /** True when requests about a basin name it in a header. */
  readonly includeBasinHeader: boolean;
  readonly #ours: ours.S2Endpoints;

  constructor(init: S2EndpointsInit = {}) {
    this.init = init;
    this.#ours = translatingNow(() => new ours.S2Endpoints(init));
    this.includeBasinHeader = this.#ours.isBasinExplicit;
  }

  /** Base URL of account requests. */
  accountBaseUrl(): string {
    return this.#ours.accountUrl();
  }

  /** Base URL of requests about one basin. */
  basinBaseUrl(basin: string): string {
    return translatingNow(() => this.#ours.basinUrl(parseBasinName(basin)));
  }
}
