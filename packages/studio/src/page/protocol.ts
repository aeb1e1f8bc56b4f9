// What the page and its worker say to each other, as plain values that structured clone carries.
// The worker has the client, the records and the rates; the page gets answers of calls and the
// visible part of a window.

import type { Operations } from "./worker/operations.js";

/** One stream, by its names. */
export interface StreamTarget {
  readonly basin: string;
  readonly stream: string;
}

/** Where the client of the worker goes, and as who. */
export interface Connection {
  readonly account: string;
  readonly basin: string;
  /** Empty: the server asks for none. */
  readonly token: string;
  readonly transport: "fetch" | "ws";
}

/** An S2Error as it crosses the border. */
export interface Failure {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
}

export type Start =
  | { readonly kind: "seq"; readonly seqNum: number }
  | { readonly kind: "time"; readonly timestamp: number }
  | { readonly kind: "tail" };

export interface FeedRequest extends StreamTarget {
  readonly start: Start;
  readonly isFollowing: boolean;
  readonly filter: string;
}

export type ToWorker =
  | { readonly kind: "connect"; readonly connection: Connection }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly operation: keyof Operations;
      readonly args: readonly unknown[];
    }
  | { readonly kind: "cancel"; readonly id: number }
  /** The key of an encrypted stream, which only the worker keeps; without one it is forgotten. */
  | {
      readonly kind: "key";
      readonly basin: string;
      readonly stream: string;
      readonly key: string | undefined;
    }
  | { readonly kind: "feed"; readonly feed: number; readonly request: FeedRequest }
  | { readonly kind: "feed-end" }
  /** The page drew the last window: it can take another. */
  | { readonly kind: "drawn" }
  | { readonly kind: "view"; readonly first: number; readonly count: number }
  /** Whether the page sticks to the newest record. */
  | { readonly kind: "pin"; readonly isPinned: boolean }
  | { readonly kind: "filter"; readonly filter: string }
  | { readonly kind: "more"; readonly direction: "newer" | "older" };

export type FromWorker =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "window"; readonly feed: number; readonly window: RecordsView };

export interface Position {
  readonly seqNum: number;
  readonly timestamp: number;
}

export type RowKind = "data" | "fence" | "trim";

/** One line of the list, ready to be shown. */
export interface RowView {
  readonly seqNum: number;
  readonly timestamp: number;
  readonly kind: RowKind;
  /** One line of text; control and direction characters are made visible. */
  readonly preview: string;
  readonly isText: boolean;
  readonly bodyBytes: number;
  readonly headers: number;
  /** Records between this one and the one before it in the list that are not in the window. */
  readonly skipped: number;
}

export type Phase =
  | { readonly kind: "loading" }
  /** A page of records; the window stands still. */
  | { readonly kind: "still" }
  | { readonly kind: "following"; readonly isCaughtUp: boolean }
  /** The page looks elsewhere and the window is full: records wait on the server. */
  | { readonly kind: "held" }
  | { readonly kind: "reconnecting"; readonly sinceMs: number; readonly reason: string }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The visible part of a window, and what there is to say about all of it. */
export interface RecordsView {
  /** Index of the oldest row that is there; falls when older ones come, rises when rows leave. */
  readonly base: number;
  readonly length: number;
  /** Index of the first of `rows`. */
  readonly first: number;
  readonly rows: readonly RowView[];
  /** Of the whole window, filter aside. */
  readonly loaded: number;
  /** Behind the newest record that is here. */
  readonly hiSeqNum: number;
  readonly tail: Position | undefined;
  readonly phase: Phase;
  /** One of so many records is kept. */
  readonly sampling: number;
  readonly perSecond: number;
  /** Records of each of the last seconds, oldest first. */
  readonly history: readonly number[];
  /** Records before this one were trimmed away; 0 when none were, or nobody looked yet. */
  readonly trimmedBefore: number;
  /** The server had less after an outage than before: its tail then and the one it came back to. */
  readonly wentBack: { readonly from: number; readonly to: number } | undefined;
  /** Records that were left out when the page went back to the tail. */
  readonly jumpedOver: number;
  /** Connections that were lost and made again since the feed began. */
  readonly reconnects: number;
}
