// Where the basins of an account may live, by plain requests with retries.
// Spec: sdk#surface, control-plane#locations.

import { parseLocationName } from "@s2kit/core";
import { type LocationInfo, locationInfoFromJson, locationsFromJson } from "@s2kit/core/control";
import { requireArgs } from "../input/config-input.js";
import type { RequestOptions } from "../input/request-options.js";
import type { ClientContext } from "../request/client-context.js";

/** Where the basins of an account may live: `s2.locations`. */
export class S2Locations {
  readonly #context: ClientContext;

  /** @internal */
  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** All that there are. */
  async list(options: RequestOptions = {}): Promise<readonly LocationInfo[]> {
    return this.#context.unary.json({ target: { route: "list-locations" } }, options, (json) =>
      locationsFromJson(json),
    );
  }

  /** Where basins go that are created without a location. */
  async getDefault(options: RequestOptions = {}): Promise<LocationInfo> {
    return this.#context.unary.json(
      { target: { route: "get-default-location" } },
      options,
      (json) => locationInfoFromJson(json),
    );
  }

  /** For basins that are created from now on. */
  async setDefault(
    args: { readonly location: string },
    options: RequestOptions = {},
  ): Promise<LocationInfo> {
    requireArgs(args, ["location"], "locations.setDefault");
    return this.#context.unary.json(
      {
        target: { route: "set-default-location" },
        // A bare JSON string is the whole body.
        body: { json: parseLocationName(args.location) },
      },
      options,
      (json) => locationInfoFromJson(json),
    );
  }
}
