// What the account's calls take and give in the official client. Types only.
// Spec: sdk#the-official-face.

import type { ListAllArgs } from "./paginate.js";
import type {
  DeleteOnEmptyConfig,
  EncryptionAlgorithm,
  RetentionPolicy,
  StorageClass,
  StreamConfig,
  TimestampingConfig,
} from "./stream-types.js";

/** What became of an ensured resource. */
export type ProvisionResult = "created" | "updated" | "noop";

/** Where basins may live. */
export type LocationName = string;

/** Whether a resource is being deleted. */
export type BasinState = "active" | "deleting";

/** Which page of a list. */
interface ListInput {
  prefix?: string;
  startAfter?: string;
  limit?: number;
}

/** Which page of the streams of a basin. */
export interface ListStreamsInput extends ListInput {}
/** Which page of the basins of an account. */
export interface ListBasinsInput extends ListInput {}
/** Which page of the access tokens of an account. */
export interface ListAccessTokensInput extends ListInput {}
/** Which streams of a basin. */
export type ListAllStreamsInput = ListAllArgs<ListStreamsInput>;
/** Which basins of an account. */
export type ListAllBasinsInput = ListAllArgs<ListBasinsInput>;
/** Which access tokens of an account. */
export type ListAllAccessTokensInput = ListAllArgs<ListAccessTokensInput>;

/** A stream to create. */
export interface CreateStreamInput {
  stream: string;
  config?: StreamConfig | null;
}
/** A stream to ensure. */
export interface EnsureStreamInput extends CreateStreamInput {}
/** Whose configuration is asked for. */
export interface GetStreamConfigInput {
  stream: string;
}
/** Which stream is deleted. */
export interface DeleteStreamInput {
  stream: string;
}
/** What is changed of a stream: undefined keeps, null goes back to the inherited value. */
export interface ReconfigureStreamInput {
  stream: string;
  deleteOnEmpty?: DeleteOnEmptyConfig | null;
  retentionPolicy?: RetentionPolicy | null;
  storageClass?: StorageClass | null;
  timestamping?: TimestampingConfig | null;
}
/** The configuration afterwards. */
export type ReconfigureStreamResponse = StreamConfig;

/** A stream as lists and creates give it. */
export interface StreamInfo {
  name: string;
  createdAt: Date;
  deletedAt?: Date | null;
  cipher?: EncryptionAlgorithm | null;
}
/** One page. */
export interface ListStreamsResponse {
  streams: StreamInfo[];
  hasMore: boolean;
}
/** The stream that was created. */
export type CreateStreamResponse = StreamInfo;
/** The stream, and what became of it. */
export interface EnsureStreamResponse {
  result: ProvisionResult;
  stream: StreamInfo;
}

/** Configuration of a basin. */
export interface BasinConfig {
  createStreamOnAppend?: boolean;
  createStreamOnRead?: boolean;
  defaultStreamConfig?: StreamConfig | null;
  streamCipher?: EncryptionAlgorithm | null;
}
/** A basin to create. */
export interface CreateBasinInput {
  basin: string;
  config?: BasinConfig | null;
  location?: LocationName | null;
}
/** A basin to ensure. */
export interface EnsureBasinInput extends CreateBasinInput {}
/** Whose configuration is asked for. */
export interface GetBasinConfigInput {
  basin: string;
}
/** Which basin is deleted. */
export interface DeleteBasinInput {
  basin: string;
}
/** What is changed of a basin: undefined keeps, null clears. */
export interface ReconfigureBasinInput {
  basin: string;
  createStreamOnAppend?: boolean | null;
  createStreamOnRead?: boolean | null;
  defaultStreamConfig?: StreamConfig | null;
  streamCipher?: EncryptionAlgorithm | null;
}
/** The configuration afterwards. */
export type ReconfigureBasinResponse = BasinConfig;

/** A basin as lists and creates give it. */
export interface BasinInfo {
  name: string;
  location?: LocationName | null;
  createdAt: Date;
  deletedAt?: Date | null;
}
/** One page. */
export interface ListBasinsResponse {
  basins: BasinInfo[];
  hasMore: boolean;
}
/** The basin that was created. */
export type CreateBasinResponse = BasinInfo;
/** The basin, and what became of it. */
export interface EnsureBasinResponse {
  result: ProvisionResult;
  basin: BasinInfo;
}

/** What a token can permit. */
export type Operation =
  | "list-basins"
  | "create-basin"
  | "delete-basin"
  | "reconfigure-basin"
  | "get-basin-config"
  | "issue-access-token"
  | "revoke-access-token"
  | "list-access-tokens"
  | "list-streams"
  | "create-stream"
  | "delete-stream"
  | "get-stream-config"
  | "reconfigure-stream"
  | "check-tail"
  | "append"
  | "read"
  | "trim"
  | "fence"
  | "account-metrics"
  | "basin-metrics"
  | "stream-metrics"
  | "list-locations"
  | "get-default-location"
  | "set-default-location";
/** One resource, or all whose names begin alike. */
export type ResourceSet = { exact: string } | { prefix: string };
/** Reading and writing, each for itself. */
interface ReadWritePermissions {
  read?: boolean;
  write?: boolean;
}
/** Groups of operations. */
export type PermittedOperationGroups = {
  account?: null | ReadWritePermissions;
  basin?: null | ReadWritePermissions;
  stream?: null | ReadWritePermissions;
};
/** What a token may do, and with what. */
export interface AccessTokenScope {
  accessTokens?: ResourceSet | null;
  basins?: ResourceSet | null;
  opGroups?: PermittedOperationGroups | null;
  ops?: Operation[] | null;
  streams?: ResourceSet | null;
}
/** A token to issue. */
export interface IssueAccessTokenInput {
  id: string;
  scope: AccessTokenScope;
  autoPrefixStreams?: boolean;
  expiresAt?: Date | number | string | null;
}
/** The secret of an issued token. */
export interface IssueAccessTokenResponse {
  accessToken: string;
}
/** Which token is revoked. */
export interface RevokeAccessTokenInput {
  id: string;
}
/** A token without its secret. */
export interface AccessTokenInfo {
  id: string;
  scope: AccessTokenScope;
  autoPrefixStreams: boolean;
  expiresAt?: Date | null;
}
/** One page. */
export interface ListAccessTokensResponse {
  accessTokens: AccessTokenInfo[];
  hasMore: boolean;
}

/** Where basins may live. */
export interface LocationInfo {
  name: LocationName;
  isPrivate: boolean;
}
/** All locations. */
export type ListLocationsResponse = LocationInfo[];
/** Where basins go that are created without a location. */
export type GetDefaultLocationResponse = LocationInfo;
/** Where they shall go. */
export interface SetDefaultLocationInput {
  location: LocationName;
}
/** Where they go now. */
export type SetDefaultLocationResponse = LocationInfo;
