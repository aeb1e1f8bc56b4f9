// Management of the account as the official client has it: basins, access tokens, locations and
// metrics. Spec: sdk#the-official-face.

import type * as ours from "@s2kit/client";
import type {
  AccessTokenInfo,
  BasinConfig,
  BasinInfo,
  CreateBasinInput,
  CreateBasinResponse,
  DeleteBasinInput,
  EnsureBasinInput,
  EnsureBasinResponse,
  GetBasinConfigInput,
  GetDefaultLocationResponse,
  IssueAccessTokenInput,
  IssueAccessTokenResponse,
  ListAccessTokensInput,
  ListAccessTokensResponse,
  ListAllAccessTokensInput,
  ListAllBasinsInput,
  ListBasinsInput,
  ListBasinsResponse,
  ListLocationsResponse,
  ReconfigureBasinInput,
  ReconfigureBasinResponse,
  RevokeAccessTokenInput,
  SetDefaultLocationInput,
  SetDefaultLocationResponse,
} from "./account-types.js";
import { translating } from "./errors.js";
import type {
  AccountMetricsInput,
  BasinMetricsInput,
  Metric,
  MetricSetResponse,
  StreamMetricsInput,
} from "./metric-types.js";
import { officialBasinConfig } from "./our-config.js";
import { mapped, translatedList } from "./paginate.js";
import type { S2RequestOptions } from "./stream-types.js";

/** The basins of an account. */
export class S2Basins {
  readonly #basins: ours.S2Basins;

  /** @internal */
  constructor(basins: ours.S2Basins) {
    this.#basins = basins;
  }

  /** One page, in order of names. */
  list(args?: ListBasinsInput, options?: S2RequestOptions): Promise<ListBasinsResponse> {
    return translating(async () => {
      const { basins, hasMore } = await this.#basins.list(args, options);
      return { basins: basins.map(basinInfoOf), hasMore };
    });
  }

  /** All pages, fetched as they are consumed. */
  listAll(args?: ListAllBasinsInput, options?: S2RequestOptions): AsyncIterable<BasinInfo> {
    return mapped(
      translatedList(() => this.#basins.listAll(args, options)),
      basinInfoOf,
    );
  }

  /** Creates a basin. */
  create(args: CreateBasinInput, options?: S2RequestOptions): Promise<CreateBasinResponse> {
    return translating(async () =>
      basinInfoOf(await this.#basins.create(args as ours.CreateBasinArgs, options)),
    );
  }

  /** The configuration in force. */
  getConfig(args: GetBasinConfigInput, options?: S2RequestOptions): Promise<BasinConfig> {
    return translating(async () =>
      officialBasinConfig(await this.#basins.getConfig(args, options)),
    );
  }

  /** Requests deletion of a basin with all its streams. */
  delete(args: DeleteBasinInput, options?: S2RequestOptions): Promise<void> {
    return translating(() => this.#basins.delete(args, options));
  }

  /** Creates the basin, or brings its configuration to what is given. */
  ensure(args: EnsureBasinInput, options?: S2RequestOptions): Promise<EnsureBasinResponse> {
    return translating(async () => {
      const { result, basin } = await this.#basins.ensure(args as ours.CreateBasinArgs, options);
      return { result, basin: basinInfoOf(basin) };
    });
  }

  /** Changes what is given. */
  reconfigure(
    args: ReconfigureBasinInput,
    options?: S2RequestOptions,
  ): Promise<ReconfigureBasinResponse> {
    return translating(async () =>
      officialBasinConfig(
        await this.#basins.reconfigure(
          args as { readonly basin: string } & ours.BasinReconfiguration,
          options,
        ),
      ),
    );
  }
}

/** The access tokens of an account. */
export class S2AccessTokens {
  readonly #tokens: ours.S2AccessTokens;

  /** @internal */
  constructor(tokens: ours.S2AccessTokens) {
    this.#tokens = tokens;
  }

  /** One page, in byte order of ids. */
  list(
    args?: ListAccessTokensInput,
    options?: S2RequestOptions,
  ): Promise<ListAccessTokensResponse> {
    return translating(async () => {
      const { accessTokens, hasMore } = await this.#tokens.list(args, options);
      return { accessTokens: accessTokens.map(tokenInfoOf), hasMore };
    });
  }

  /** All pages, fetched as they are consumed. */
  listAll(
    args?: ListAllAccessTokensInput,
    options?: S2RequestOptions,
  ): AsyncIterable<AccessTokenInfo> {
    const { includeDeleted: _none, ...query } = args ?? {};
    return mapped(
      translatedList(() => this.#tokens.listAll(query, options)),
      tokenInfoOf,
    );
  }

  /** Issues a token; its secret is in this answer and nowhere else. */
  issue(
    args: IssueAccessTokenInput,
    options?: S2RequestOptions,
  ): Promise<IssueAccessTokenResponse> {
    return translating(() => this.#tokens.issue(args, options));
  }

  /** Revokes a token, for good. */
  revoke(args: RevokeAccessTokenInput, options?: S2RequestOptions): Promise<void> {
    return translating(() => this.#tokens.revoke(args, options));
  }
}

/** Where the basins of an account may live. */
export class S2Locations {
  readonly #locations: ours.S2Locations;

  /** @internal */
  constructor(locations: ours.S2Locations) {
    this.#locations = locations;
  }

  /** All that there are. */
  list(options?: S2RequestOptions): Promise<ListLocationsResponse> {
    return translating(async () => [...(await this.#locations.list(options))]);
  }

  /** Where basins go that are created without a location. */
  getDefault(options?: S2RequestOptions): Promise<GetDefaultLocationResponse> {
    return translating(() => this.#locations.getDefault(options));
  }

  /** For basins that are created from now on. */
  setDefault(
    args: SetDefaultLocationInput,
    options?: S2RequestOptions,
  ): Promise<SetDefaultLocationResponse> {
    return translating(() => this.#locations.setDefault(args, options));
  }
}

/** Usage over time. */
export class S2Metrics {
  readonly #metrics: ours.S2Metrics;

  /** @internal */
  constructor(metrics: ours.S2Metrics) {
    this.#metrics = metrics;
  }

  /** Of the account. */
  account(args: AccountMetricsInput, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return answered(() => this.#metrics.account(args, options));
  }

  /** Of one basin. */
  basin(args: BasinMetricsInput, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return answered(() => this.#metrics.basin(args, options));
  }

  /** Of one stream. */
  stream(args: StreamMetricsInput, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return answered(() => this.#metrics.stream(args, options));
  }
}

function answered(
  ask: () => Promise<{ readonly values: readonly ours.MetricSeries[] }>,
): Promise<MetricSetResponse> {
  return translating(async () => ({ values: (await ask()).values.map(metricOf) }));
}

/** The kind becomes the key. */
function metricOf({ kind, ...metric }: ours.MetricSeries): Metric {
  return { [kind]: metric } as unknown as Metric;
}

function basinInfoOf(info: ours.BasinInfo): BasinInfo {
  const { name, createdAt, location = null, deletedAt = null } = info;
  return { name, location, createdAt, deletedAt };
}

function tokenInfoOf(info: ours.AccessTokenInfo): AccessTokenInfo {
  const { id, scope, autoPrefixStreams, expiresAt = null } = info;
  return { id, scope: scope as AccessTokenInfo["scope"], autoPrefixStreams, expiresAt };
}
