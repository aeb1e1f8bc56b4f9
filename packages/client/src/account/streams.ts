// Management of the streams of one basin, by plain requests with retries.
// Spec: sdk#surface, control-plane#streams.

import {
  type BasinName,
  HEADER_PROVISION_RESULT,
  HEADER_REQUEST_TOKEN,
  parseStreamName,
  type RouteName,
} from "@s2kit/core";
import {
  type ProvisionResult,
  pageFromJson,
  readTicketFromJson,
  readTicketRequestToJson,
  type StreamConfig,
  type StreamReconfiguration,
  streamConfigFromJson,
  streamConfigToJson,
  streamInfoFromJson,
  streamReconfigurationToJson,
} from "@s2kit/core/control";
import { ignoringNotFound } from "../errors.js";
import {
  requireArgs,
  requireStreamConfig,
  STREAM_CONFIG_KEYS,
  type StreamConfigInput,
  withoutNulls,
} from "../input/config-input.js";
import type { RequestOptions } from "../input/request-options.js";
import type { ClientContext } from "../request/client-context.js";
import type { Target } from "../request/request-factory.js";
import type { ListArgs } from "./basins.js";
import { type ListAllArgs, listQuery, type Pages, paginate } from "./pages.js";
import {
  type IssueReadTicketArgs,
  type ReadTicket,
  readTicketOf,
  ticketQueryOf,
} from "./read-ticket.js";
import { requestToken } from "./request-token.js";
import { provisionResultOf, type StreamInfo, streamInfoOf } from "./resource-info.js";
import { wholeSeconds } from "./whole-seconds.js";

/** A stream to create or to ensure. */
export interface CreateStreamArgs {
  /** 1 to 512 bytes of UTF-8 without NUL. */
  readonly stream: string;
  /** What is left unset comes from the basin. */
  readonly config?: StreamConfigInput | null | undefined;
}

const CREATE_ARGS = ["stream", "config"];
const TICKET_ARGS = ["stream", "expiresInSecs", "read", "format"];

/** The streams of one basin: `s2.basin(name).streams`. */
export class S2Streams {
  readonly #context: ClientContext;
  readonly #basin: BasinName;

  /** @internal */
  constructor(context: ClientContext, basin: BasinName) {
    this.#context = context;
    this.#basin = basin;
  }

  /** One page, in byte order of names. */
  async list(
    args: ListArgs = {},
    options: RequestOptions = {},
  ): Promise<{ readonly streams: readonly StreamInfo[]; readonly hasMore: boolean }> {
    const page = await this.#context.unary.json(
      { target: { route: "list-streams", basin: this.#basin, query: listQuery(args) } },
      options,
      (json) => pageFromJson(json, "streams", streamInfoFromJson),
    );
    return { streams: page.items.map(streamInfoOf), hasMore: page.hasMore };
  }

  /** All pages, fetched as they are consumed. */
  listAll(args: ListAllArgs = {}, options: RequestOptions = {}): Pages<StreamInfo> {
    return paginate<StreamInfo>(
      {
        fetch: async (query, pageOptions) => {
          const { streams, hasMore } = await this.list(query, pageOptions);
          return { items: streams, hasMore };
        },
        cursorOf: ({ name }) => name,
        isDeleted: ({ deletedAt }) => deletedAt !== undefined,
      },
      args,
      options,
    );
  }

  /** Creates a stream. Repeating the call inside its retries creates it once. */
  async create(args: CreateStreamArgs, options: RequestOptions = {}): Promise<StreamInfo> {
    requireArgs(args, CREATE_ARGS, "streams.create");
    const stream = parseStreamName(args.stream);
    return this.#context.unary.json(
      {
        target: { route: "create-stream", basin: this.#basin },
        headers: { [HEADER_REQUEST_TOKEN]: requestToken(this.#context.components.random) },
        body: { json: { stream, config: configToJson(args.config) } },
      },
      options,
      (json) => streamInfoOf(streamInfoFromJson(json)),
    );
  }

  /** Creates the stream, or brings its configuration to what is given. */
  async ensure(
    args: CreateStreamArgs,
    options: RequestOptions = {},
  ): Promise<{ readonly result: ProvisionResult; readonly stream: StreamInfo }> {
    requireArgs(args, CREATE_ARGS, "streams.ensure");
    // Servers want an object here: a configuration with nothing set is {}, not null.
    const body = args.config == null ? {} : { body: { json: configToJson(args.config) ?? {} } };
    return this.#context.unary.json(
      { target: this.#target("ensure-stream", args.stream), ...body },
      options,
      (json, response) => ({
        result: provisionResultOf(response.header(HEADER_PROVISION_RESULT), response.status),
        stream: streamInfoOf(streamInfoFromJson(json)),
      }),
    );
  }

  /** The configuration in force, with what comes from the basin. */
  async getConfig(
    args: { readonly stream: string },
    options: RequestOptions = {},
  ): Promise<StreamConfig> {
    requireArgs(args, ["stream"], "streams.getConfig");
    return this.#context.unary.json(
      { target: this.#target("get-stream-config", args.stream) },
      options,
      (json) => streamConfigFromJson(json, "body"),
    );
  }

  /** Changes what is given: undefined keeps, null goes back to the inherited value. */
  async reconfigure(
    args: { readonly stream: string } & StreamReconfiguration,
    options: RequestOptions = {},
  ): Promise<StreamConfig> {
    requireArgs(args, ["stream", ...STREAM_CONFIG_KEYS], "streams.reconfigure");
    const { stream, ...patch } = args;
    requireStreamConfig(patch);
    return this.#context.unary.json(
      {
        target: this.#target("reconfigure-stream", stream),
        body: { json: streamReconfigurationToJson(wholeSeconds(patch)) },
      },
      options,
      (json) => streamConfigFromJson(json, "body"),
    );
  }

  /** Requests deletion of the stream. */
  async delete(
    args: { readonly stream: string; readonly ignoreNotFound?: boolean | undefined },
    options: RequestOptions = {},
  ): Promise<void> {
    requireArgs(args, ["stream", "ignoreNotFound"], "streams.delete");
    await ignoringNotFound(
      args.ignoreNotFound,
      this.#context.unary.run({ target: this.#target("delete-stream", args.stream) }, options),
    );
  }

  /**
   * Issues a ticket that lets a page follow one stream by its native `EventSource`, for minutes. It
   * ends with the token of this client.
   *
   * @example `const { url } = await basin.streams.issueReadTicket({ stream: "chat/1" })`
   * @throws {S2Error} `INVALID_ARGUMENT`; `invalid` for a life that no ticket has; `not_found` from
   *   servers without tickets, which are an extension
   */
  async issueReadTicket(
    args: IssueReadTicketArgs,
    options: RequestOptions = {},
  ): Promise<ReadTicket> {
    requireArgs(args, TICKET_ARGS, "streams.issueReadTicket");
    const place = { basin: this.#basin, stream: parseStreamName(args.stream) };
    const query = ticketQueryOf(args);
    const { expiresInSecs } = args;
    return this.#context.unary.json(
      {
        target: this.#target("issue-read-ticket", args.stream),
        body: { json: readTicketRequestToJson({ expiresInSecs }) },
      },
      options,
      (json) => readTicketOf(this.#context, place, query, readTicketFromJson(json)),
    );
  }

  #target(route: RouteName, stream: string): Target {
    return { route, params: { stream: parseStreamName(stream) }, basin: this.#basin };
  }
}

function configToJson(config: StreamConfigInput | null | undefined): unknown {
  if (config == null) return undefined;
  requireStreamConfig(config);
  return streamConfigToJson(wholeSeconds(withoutNulls<StreamConfig>(config)));
}
