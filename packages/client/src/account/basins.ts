// Management of the basins of an account, by plain requests with retries.
// Spec: sdk#surface, control-plane#basins.

import { HEADER_PROVISION_RESULT, HEADER_REQUEST_TOKEN, parseBasinName } from "@s2kit/core";
import {
  type BasinReconfiguration,
  basinConfigFromJson,
  basinConfigToJson,
  basinInfoFromJson,
  basinReconfigurationToJson,
  type BasinConfig as FullBasinConfig,
  type ProvisionResult,
  pageFromJson,
} from "@s2kit/core/control";
import { ignoringNotFound } from "../errors.js";
import {
  BASIN_CONFIG_KEYS,
  type BasinConfig,
  requireArgs,
  requireBasinConfig,
  withoutNulls,
} from "../input/config-input.js";
import type { RequestOptions } from "../input/request-options.js";
import type { ClientContext } from "../request/client-context.js";
import { type ListAllArgs, listQuery, type Pages, paginate } from "./pages.js";
import { requestToken } from "./request-token.js";
import { type BasinInfo, basinInfoOf, provisionResultOf } from "./resource-info.js";
import { wholeSeconds } from "./whole-seconds.js";

/** Which page of a list. */
export interface ListArgs {
  /** Only names that begin with it. */
  readonly prefix?: string | undefined;
  /** Exclusive, in byte order. */
  readonly startAfter?: string | undefined;
  /** At most 1000, the default. */
  readonly limit?: number | undefined;
}

/** A basin to create or to ensure. */
export interface CreateBasinArgs {
  /** 8 to 48 of `[a-z0-9-]`, without a hyphen at either end; unique in the service. */
  readonly basin: string;
  readonly config?: BasinConfig | null | undefined;
  /** Default that of the account. It cannot be changed later. */
  readonly location?: string | null | undefined;
}

const CREATE_ARGS = ["basin", "config", "location"];

/** The basins of an account: `s2.basins`. */
export class S2Basins {
  readonly #context: ClientContext;

  /** @internal */
  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** One page, in order of names. */
  async list(
    args: ListArgs = {},
    options: RequestOptions = {},
  ): Promise<{ readonly basins: readonly BasinInfo[]; readonly hasMore: boolean }> {
    const page = await this.#context.unary.json(
      { target: { route: "list-basins", query: listQuery(args) } },
      options,
      (json) => pageFromJson(json, "basins", basinInfoFromJson),
    );
    return { basins: page.items.map(basinInfoOf), hasMore: page.hasMore };
  }

  /** All pages, fetched as they are consumed. */
  listAll(args: ListAllArgs = {}, options: RequestOptions = {}): Pages<BasinInfo> {
    return paginate<BasinInfo>(
      {
        fetch: async (query, pageOptions) => {
          const { basins, hasMore } = await this.list(query, pageOptions);
          return { items: basins, hasMore };
        },
        cursorOf: ({ name }) => name,
        isDeleted: ({ deletedAt }) => deletedAt !== undefined,
      },
      args,
      options,
    );
  }

  /** Creates a basin. Repeating the call inside its retries creates it once. */
  async create(args: CreateBasinArgs, options: RequestOptions = {}): Promise<BasinInfo> {
    requireArgs(args, CREATE_ARGS, "basins.create");
    const basin = parseBasinName(args.basin);
    return this.#context.unary.json(
      {
        target: { route: "create-basin" },
        headers: { [HEADER_REQUEST_TOKEN]: requestToken(this.#context.components.random) },
        body: {
          json: { basin, config: configToJson(args.config), location: args.location ?? undefined },
        },
      },
      options,
      (json) => basinInfoOf(basinInfoFromJson(json)),
    );
  }

  /** Creates the basin, or brings its configuration to what is given. */
  async ensure(
    args: CreateBasinArgs,
    options: RequestOptions = {},
  ): Promise<{ readonly result: ProvisionResult; readonly basin: BasinInfo }> {
    requireArgs(args, CREATE_ARGS, "basins.ensure");
    const { config, location } = args;
    const body =
      config == null && location == null
        ? {}
        : { body: { json: { config: configToJson(config), location: location ?? undefined } } };
    return this.#context.unary.json(
      { target: { route: "ensure-basin", params: paramsOf(args.basin) }, ...body },
      options,
      (json, response) => ({
        result: provisionResultOf(response.header(HEADER_PROVISION_RESULT), response.status),
        basin: basinInfoOf(basinInfoFromJson(json)),
      }),
    );
  }

  /** The configuration in force. */
  async getConfig(
    args: { readonly basin: string },
    options: RequestOptions = {},
  ): Promise<FullBasinConfig> {
    requireArgs(args, ["basin"], "basins.getConfig");
    return this.#context.unary.json(
      { target: { route: "get-basin-config", params: paramsOf(args.basin) } },
      options,
      (json) => basinConfigFromJson(json, "body"),
    );
  }

  /** Changes what is given: undefined keeps, null clears to the default. */
  async reconfigure(
    args: { readonly basin: string } & BasinReconfiguration,
    options: RequestOptions = {},
  ): Promise<FullBasinConfig> {
    requireArgs(args, ["basin", ...BASIN_CONFIG_KEYS], "basins.reconfigure");
    const { basin, ...patch } = args;
    requireBasinConfig(patch);
    return this.#context.unary.json(
      {
        target: { route: "reconfigure-basin", params: paramsOf(basin) },
        body: { json: basinReconfigurationToJson(withWholeSeconds(patch)) },
      },
      options,
      (json) => basinConfigFromJson(json, "body"),
    );
  }

  /** Requests deletion of the basin with all its streams. */
  async delete(
    args: { readonly basin: string; readonly ignoreNotFound?: boolean | undefined },
    options: RequestOptions = {},
  ): Promise<void> {
    requireArgs(args, ["basin", "ignoreNotFound"], "basins.delete");
    await ignoringNotFound(
      args.ignoreNotFound,
      this.#context.unary.run(
        { target: { route: "delete-basin", params: paramsOf(args.basin) } },
        options,
      ),
    );
  }
}

function paramsOf(basin: string): { readonly basin: string } {
  return { basin: parseBasinName(basin) };
}

function configToJson(config: BasinConfig | null | undefined): unknown {
  if (config == null) return undefined;
  requireBasinConfig(config);
  const given = withoutNulls<Partial<FullBasinConfig>>(config);
  const { createStreamOnAppend = false, createStreamOnRead = false } = given;
  return basinConfigToJson({
    ...withWholeSeconds(given),
    createStreamOnAppend,
    createStreamOnRead,
  });
}

function withWholeSeconds<
  C extends {
    readonly defaultStreamConfig?: Parameters<typeof wholeSeconds>[0] | null | undefined;
  },
>(config: C): C {
  const { defaultStreamConfig: streams } = config;
  if (streams === undefined || streams === null) return config;
  return { ...config, defaultStreamConfig: wholeSeconds(streams) };
}
