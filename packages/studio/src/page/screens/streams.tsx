// The streams of a basin: found by prefix, as a tree by `/` or as a flat list, with their tails as
// they come into sight. Folders cost one request each, however many streams they hold: the cursor
// jumps over them.

import { useSignal } from "@preact/signals";
import { sleep, systemClock } from "@s2kit/core";
import { useEffect } from "preact/hooks";
import { configFlags, configJson, configValue } from "../format/config-as.js";
import { curl, flags, program, text, uri } from "../format/copy-as.js";
import { count } from "../format/numbers.js";
import { printable } from "../format/text.js";
import { ConfigForm, configOf, EMPTY_FIELDS, TextField } from "../parts/config-form.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { Dialog } from "../parts/dialog.js";
import { Grid } from "../parts/grid.js";
import { Empty, Failed, failureIn, Loading } from "../parts/notices.js";
import { Ago, When } from "../parts/when.js";
import type { Failure } from "../protocol.js";
import { call } from "../state/bridge.js";
import { endpoint } from "../state/connection.js";
import { useLoaded } from "../state/loaded.js";
import { usePages } from "../state/pages.js";
import { go, hrefOf, route, setQuery } from "../state/route.js";
import { tailOf, tailsRevision, wantTails } from "../state/tails.js";
import { common } from "./basins.js";

const COLUMNS = [
  { name: "Name" },
  { name: "Tail", class: "right" },
  { name: "Last write", class: "right" },
  { name: "Made", class: "right wide-only" },
];
/** Behind every name that begins with what is before it. */
const LAST = "\u{10ffff}";

interface Entry {
  readonly name: string;
  /** A folder: its streams begin so. */
  readonly isFolder: boolean;
  readonly createdAt?: Date;
  readonly deletedAt?: Date;
}

export function Streams({ basin }: { readonly basin: string }) {
  const { query } = route.value;
  const prefix = query.get("prefix") ?? "";
  const isFlat = query.get("view") === "flat";
  const selected = useSignal<number | undefined>(undefined);
  const seen = useSignal({ first: 0, count: 0 });
  const isMaking = route.value.query.has("new");
  const pages = usePages<Entry>(
    (cursor) => (isFlat ? flatPage(basin, prefix, cursor) : treePage(basin, prefix, cursor)),
    ({ name, isFolder }) => (isFolder ? `${name}${LAST}` : name),
    [basin, prefix, isFlat],
  );
  useEffect(() => {
    selected.value = undefined;
  }, [prefix, isFlat]);
  useTails(basin, pages.items, seen.value);
  // Read here, so that a tail that comes is drawn.
  void tailsRevision.value;
  const open = (index: number): void => {
    const entry = pages.items[index];
    if (entry === undefined) return;
    if (entry.isFolder) setQuery({ prefix: entry.name });
    else go({ screen: "stream", basin, stream: entry.name, tab: "records" });
  };
  return (
    <>
      <div class="bar sub">
        <Prefixes prefix={prefix} basin={basin} isFlat={isFlat} />
        <input
          type="search"
          class="search"
          aria-label="Streams that begin with"
          placeholder="begins with…  /"
          value={prefix}
          onInput={({ currentTarget }) => setQuery({ prefix: currentTarget.value })}
        />
        <span class="muted num" role="status">
          {pages.items.length > 0 &&
            `${count(pages.items.length)}${pages.hasMore ? "+" : ""} ${isFlat ? "streams" : "here"}`}
        </span>
        <span class="spacer" />
        <div class="tabs" role="group" aria-label="View">
          <button
            type="button"
            aria-pressed={!isFlat}
            onClick={() => setQuery({ view: undefined })}
          >
            Tree
          </button>
          <button type="button" aria-pressed={isFlat} onClick={() => setQuery({ view: "flat" })}>
            Flat
          </button>
        </div>
        <CopyAsButton make={() => listAs(basin, prefix)} />
        <button type="button" class="primary" onClick={() => setQuery({ new: "1" })}>
          New stream
        </button>
      </div>
      {pages.failure !== undefined && <Failed failure={pages.failure} retry={pages.reload} />}
      {pages.isLoading && pages.items.length === 0 && <Loading what="streams" />}
      {!pages.isLoading && pages.failure === undefined && pages.items.length === 0 && (
        <Empty
          title={prefix === "" ? "No streams yet" : `No stream begins with “${printable(prefix)}”`}
        >
          {prefix === "" && (
            <p>
              Make one with the button above, or write to one from a terminal: “Copy as…” shows how.
            </p>
          )}
        </Empty>
      )}
      {pages.items.length > 0 && (
        <Grid
          label="Streams"
          kind="streams"
          columns={COLUMNS}
          base={0}
          length={pages.items.length}
          selected={selected.value}
          onSelect={(index) => (selected.value = index)}
          onOpen={open}
          onView={(first, rows) => (seen.value = { first, count: rows })}
          onEdge={(edge) => edge === "end" && pages.more()}
          rowClass={(index) => (pages.items[index]?.deletedAt === undefined ? "" : "deleting")}
          cells={(index) => (
            <Cells basin={basin} prefix={isFlat ? "" : prefix} entry={pages.items[index]} />
          )}
        />
      )}
      {isMaking && (
        <NewStream basin={basin} prefix={prefix} onClose={() => setQuery({ new: undefined })} />
      )}
    </>
  );
}

function Cells({
  basin,
  prefix,
  entry,
}: {
  readonly basin: string;
  readonly prefix: string;
  readonly entry: Entry | undefined;
}) {
  if (entry === undefined) return <span role="gridcell" class="waiting" />;
  const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const shown = printable(entry.name.slice(below.length));
  if (entry.isFolder)
    return (
      <>
        <span role="gridcell" class="name folder" title={printable(entry.name)}>
          {shown}
        </span>
        <span role="gridcell" class="muted right">
          …
        </span>
        <span role="gridcell" />
        <span role="gridcell" class="wide-only" />
      </>
    );
  const tail = tailOf(basin, entry.name);
  const isEmpty = tail !== undefined && tail.seqNum === 0;
  return (
    <>
      <span role="gridcell" class="name" title={printable(entry.name)}>
        {shown}
        {entry.deletedAt !== undefined && (
          <span class="badge warn">
            being deleted since <When ms={entry.deletedAt.getTime()} />
          </span>
        )}
      </span>
      <span role="gridcell" class="right num">
        {tail === undefined ? <span class="muted">·</span> : count(tail.seqNum)}
      </span>
      <span role="gridcell" class="right">
        {isEmpty ? (
          <span class="muted">empty</span>
        ) : (
          tail !== undefined && <Ago ms={tail.timestamp} />
        )}
      </span>
      <span role="gridcell" class="right muted wide-only">
        {entry.createdAt !== undefined && <Ago ms={entry.createdAt.getTime()} />}
      </span>
    </>
  );
}

/** Where in the tree: each part goes back to it. */
function Prefixes({
  prefix,
  basin,
  isFlat,
}: {
  readonly prefix: string;
  readonly basin: string;
  readonly isFlat: boolean;
}) {
  if (isFlat || !prefix.includes("/")) return null;
  const parts = prefix.slice(0, prefix.lastIndexOf("/")).split("/");
  const href = (to: string): string =>
    hrefOf({ screen: "basin", basin, tab: "streams" }, { prefix: to });
  return (
    <nav class="path" aria-label="Folders">
      <a href={href("")}>all</a>
      {parts.map((part, at) => (
        <a key={at} href={href(`${parts.slice(0, at + 1).join("/")}/`)}>
          {printable(part)}/
        </a>
      ))}
    </nav>
  );
}

function useTails(
  basin: string,
  items: readonly Entry[],
  { first, count: rows }: { first: number; count: number },
): void {
  useEffect(() => {
    const stop = new AbortController();
    const ask = (): void =>
      wantTails(
        basin,
        items
          .slice(first, first + rows)
          .filter(({ isFolder, deletedAt }) => !isFolder && deletedAt === undefined)
          .map(({ name }) => name),
      );
    void (async () => {
      // Scrolling past is no interest.
      while (await sleep(systemClock, 150, stop.signal)) {
        if (document.visibilityState === "visible") ask();
        await sleep(systemClock, 5000, stop.signal);
      }
    })();
    return () => stop.abort();
  }, [basin, items, first, rows]);
}

async function flatPage(basin: string, prefix: string, cursor: { readonly startAfter?: string }) {
  const { streams, hasMore } = await call("listStreams", basin, { prefix, ...cursor, limit: 1000 });
  return { items: streams.map((stream) => ({ ...stream, isFolder: false })), hasMore };
}

const FOLDERS_AT_ONCE = 60;

/**
 * One level of the tree: names are gathered up to the next `/`, and the rest of a folder is jumped
 * over.
 */
async function treePage(basin: string, prefix: string, cursor: { readonly startAfter?: string }) {
  const depth = prefix.lastIndexOf("/") + 1;
  const items: Entry[] = [];
  let { startAfter } = cursor;
  for (let requests = 0; requests < FOLDERS_AT_ONCE; requests++) {
    const { streams, hasMore } = await call("listStreams", basin, {
      prefix,
      limit: 1000,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    for (const stream of streams) {
      const slash = stream.name.indexOf("/", depth);
      const folder = slash === -1 ? undefined : stream.name.slice(0, slash + 1);
      if (folder === undefined) items.push({ ...stream, isFolder: false });
      else if (items.at(-1)?.name !== folder) items.push({ name: folder, isFolder: true });
    }
    const last = items.at(-1);
    if (!hasMore || last === undefined) return { items, hasMore: false };
    if (!last.isFolder) return { items, hasMore: true };
    startAfter = `${last.name}${LAST}`;
  }
  return { items, hasMore: true };
}

function NewStream({
  basin,
  prefix,
  onClose,
}: {
  readonly basin: string;
  readonly prefix: string;
  readonly onClose: () => void;
}) {
  const defaults = useLoaded(() => call("basinConfig", basin), [basin]);
  const name = useSignal(prefix);
  const fields = useSignal(EMPTY_FIELDS);
  const failure = useSignal<Failure | undefined>(undefined);
  const make = async (): Promise<void> => {
    failure.value = undefined;
    try {
      await call("createStream", basin, name.value, configOf(fields.value, undefined));
      onClose();
      go({ screen: "stream", basin, stream: name.value, tab: "records" });
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <Dialog title="New stream" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextField
          label="Name"
          isFirst
          value={name.value}
          hint="1 to 512 bytes; a / makes a folder in the tree"
          onChange={(value) => (name.value = value)}
        />
        <details>
          <summary>Settings that differ from the basin's</summary>
          <ConfigForm
            fields={fields}
            inherits={defaults.value?.defaultStreamConfig}
            from="the basin"
          />
        </details>
        {failure.value !== undefined && <Failed failure={failure.value} />}
        <p class="actions">
          <CopyAsButton
            make={() => ({
              title: "make this stream",
              cli: `s2kit create-stream ${uri(basin, name.value)}${configFlags(fields.value)}`,
              curl: curl({
                ...common(),
                method: "POST",
                path: "/streams",
                basin,
                json: { stream: name.value, config: configJson(fields.value, undefined) },
              }),
              ts: program(
                endpoint(),
                common().hasToken,
                `await s2.basin(${text(basin)}).streams.create({ stream: ${text(name.value)}, config: ${text(configValue(fields.value, undefined))} });`,
              ),
            })}
          />
          <button type="submit" class="primary">
            Make stream
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function listAs(basin: string, prefix: string) {
  return {
    title: "list streams",
    cli: `s2kit list-streams ${uri(basin)}${flags({ prefix })}`,
    curl: curl({ ...common(), path: "/streams", basin, query: { prefix } }),
    ts: program(
      endpoint(),
      common().hasToken,
      `for await (const stream of s2.basin(${text(basin)}).streams.listAll({ prefix: ${text(prefix)} })) console.log(stream.name);`,
    ),
  };
}
