// Management of the streams of a basin as the official client has it.
// Spec: sdk#the-official-face.

import type * as ours from "@s2kit/client";
import type {
  CreateStreamInput,
  CreateStreamResponse,
  DeleteStreamInput,
  EnsureStreamInput,
  EnsureStreamResponse,
  GetStreamConfigInput,
  ListAllStreamsInput,
  ListStreamsInput,
  ListStreamsResponse,
  ReconfigureStreamInput,
  ReconfigureStreamResponse,
  StreamInfo,
} from "./account-types.js";
import { translating } from "./errors.js";
import { officialStreamConfig, ourStreamConfig } from "./our-config.js";
import { mapped, translatedList } from "./paginate.js";
import type { S2RequestOptions, StreamConfig } from "./stream-types.js";

/** The streams of one basin. */
export class S2Streams {
  readonly #streams: ours.S2Streams;

  /** @internal */
  constructor(streams: ours.S2Streams) {
    this.#streams = streams;
  }

  /** One page, in byte order of names. */
  list(args?: ListStreamsInput, options?: S2RequestOptions): Promise<ListStreamsResponse> {
    return translating(async () => {
      const { streams, hasMore } = await this.#streams.list(args, options);
      return { streams: streams.map(streamInfoOf), hasMore };
    });
  }

  /** All pages, fetched as they are consumed. */
  listAll(args?: ListAllStreamsInput, options?: S2RequestOptions): AsyncIterable<StreamInfo> {
    return mapped(
      translatedList(() => this.#streams.listAll(args, options)),
      streamInfoOf,
    );
  }

  /** Creates a stream. */
  create(args: CreateStreamInput, options?: S2RequestOptions): Promise<CreateStreamResponse> {
    return translating(async () => streamInfoOf(await this.#streams.create(inOurs(args), options)));
  }

  /** The configuration in force. */
  getConfig(args: GetStreamConfigInput, options?: S2RequestOptions): Promise<StreamConfig> {
    return translating(async () =>
      officialStreamConfig(await this.#streams.getConfig(args, options)),
    );
  }

  /** Requests deletion of a stream. */
  delete(args: DeleteStreamInput, options?: S2RequestOptions): Promise<void> {
    return translating(() => this.#streams.delete(args, options));
  }

  /** Creates the stream, or brings its configuration to what is given. */
  ensure(args: EnsureStreamInput, options?: S2RequestOptions): Promise<EnsureStreamResponse> {
    return translating(async () => {
      const { result, stream } = await this.#streams.ensure(inOurs(args), options);
      return { result, stream: streamInfoOf(stream) };
    });
  }

  /** Changes what is given. */
  reconfigure(
    args: ReconfigureStreamInput,
    options?: S2RequestOptions,
  ): Promise<ReconfigureStreamResponse> {
    return translating(async () =>
      officialStreamConfig(
        await this.#streams.reconfigure(
          args as { readonly stream: string } & ours.StreamReconfiguration,
          options,
        ),
      ),
    );
  }
}

function inOurs({ stream, config }: CreateStreamInput): ours.CreateStreamArgs {
  return { stream, config: config == null ? config : ourStreamConfig(config) };
}

function streamInfoOf(info: ours.StreamInfo): StreamInfo {
  const { name, createdAt, deletedAt = null, cipher = null } = info;
  return { name, createdAt, deletedAt, cipher };
}
