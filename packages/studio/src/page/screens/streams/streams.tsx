// The streams of a basin: found by prefix, as a tree by `/` or as a flat list, with their tails as
// they come into sight.

import { useSignal } from "@preact/signals";
import { curl, flags, program, text, uri } from "../../format/copy-as.js";
import { count } from "../../format/numbers.js";
import { printable } from "../../format/text.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { Search } from "../../parts/fields.js";
import { Listing } from "../../parts/listing.js";
import { Deleting, PagedGrid } from "../../parts/paged-grid.js";
import { Ago } from "../../parts/when.js";
import { common, endpoint } from "../../state/connection.js";
import { type Pages, usePages } from "../../state/pages.js";
import { go, hrefOf, route, setQuery } from "../../state/route.js";
import { tailOf, useTails } from "../../state/tails.js";
import { cursorOf, type Entry, flatPage, treePage } from "./entries.js";
import { NewStream } from "./new-stream.js";

const COLUMNS = [
  { name: "Name" },
  { name: "Tail", class: "right" },
  { name: "Last write", class: "right" },
  { name: "Made", class: "right wide-only" },
];

export function Streams({ basin }: { readonly basin: string }) {
  const { query } = route.value;
  const prefix = query.get("prefix") ?? "";
  const isFlat = query.get("view") === "flat";
  const seen = useSignal({ first: 0, count: 0 });
  const pages = usePages<Entry>(
    (cursor) => (isFlat ? flatPage(basin, prefix, cursor) : treePage(basin, prefix, cursor)),
    cursorOf,
    [basin, prefix, isFlat],
  );
  useTails(basin, namesIn(pages.items, seen.value), [pages.items, seen.value.first]);
  return (
    <>
      <Bar basin={basin} prefix={prefix} isFlat={isFlat} words={wordsOf(pages, isFlat)} />
      <Listing
        pages={pages}
        what="streams"
        none={prefix === "" ? "No streams yet" : `No stream begins with “${printable(prefix)}”`}
        hint={
          prefix === "" && (
            <p>
              Make one with the button above, or write to one from a terminal: “Copy as…” shows how.
            </p>
          )
        }
      >
        <PagedGrid
          key={`${isFlat} ${prefix}`}
          label="Streams"
          kind="streams"
          columns={COLUMNS}
          pages={pages}
          onOpen={({ name, isFolder }) => {
            if (isFolder) setQuery({ prefix: name });
            else go({ screen: "stream", basin, stream: name, tab: "records" });
          }}
          onView={(first, rows) => (seen.value = { first, count: rows })}
          cells={(entry) => <Cells basin={basin} prefix={isFlat ? "" : prefix} entry={entry} />}
        />
      </Listing>
      {query.has("new") && (
        <NewStream basin={basin} prefix={prefix} onClose={() => setQuery({ new: undefined })} />
      )}
    </>
  );
}

/** How many there are, as far as is known. */
function wordsOf({ items, hasMore }: Pages<Entry>, isFlat: boolean): string {
  if (items.length === 0) return "";
  return `${count(items.length)}${hasMore ? "+" : ""} ${isFlat ? "streams" : "here"}`;
}

function Bar({
  basin,
  prefix,
  isFlat,
  words,
}: {
  readonly basin: string;
  readonly prefix: string;
  readonly isFlat: boolean;
  /** How many there are. */
  readonly words: string;
}) {
  return (
    <div class="bar sub">
      <Prefixes prefix={prefix} basin={basin} isFlat={isFlat} />
      <Search
        label="Streams that begin with"
        placeholder="begins with"
        value={prefix}
        onChange={(value) => setQuery({ prefix: value })}
      />
      <span class="muted num" role="status">
        {words}
      </span>
      <span class="spacer" />
      <div class="tabs" role="group" aria-label="View">
        <button type="button" aria-pressed={!isFlat} onClick={() => setQuery({ view: undefined })}>
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
  );
}

function Cells({
  basin,
  prefix,
  entry,
}: {
  readonly basin: string;
  readonly prefix: string;
  readonly entry: Entry;
}) {
  const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  // Rows of the list before stand until the answer comes.
  const isBelow = entry.name.startsWith(below);
  const shown = printable(isBelow ? entry.name.slice(below.length) : entry.name);
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
        {entry.cipher !== undefined && (
          <span class="badge" title={entry.cipher}>
            encrypted
          </span>
        )}
        {entry.deletedAt !== undefined && <Deleting since={entry.deletedAt} />}
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

/** The streams among the rows in sight that have a tail. */
function namesIn(
  items: readonly Entry[],
  { first, count: rows }: { readonly first: number; readonly count: number },
): readonly string[] {
  return items
    .slice(first, first + rows)
    .filter(({ isFolder, deletedAt }) => !isFolder && deletedAt === undefined)
    .map(({ name }) => name);
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
