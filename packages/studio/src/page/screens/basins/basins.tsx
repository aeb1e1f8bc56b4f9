// The basins of the account: found by prefix, made here, opened by a click.
// Its dialog for a new one is opened by the address, so that the palette can.

import { curl, flags, program, text } from "../../format/copy-as.js";
import { printable } from "../../format/text.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { Search } from "../../parts/fields.js";
import { Listing } from "../../parts/listing.js";
import { Deleting, PagedGrid } from "../../parts/paged-grid.js";
import { Ago } from "../../parts/when.js";
import { call } from "../../state/bridge.js";
import { common, endpoint } from "../../state/connection.js";
import { usePages } from "../../state/pages.js";
import { go, route, setQuery } from "../../state/route.js";
import { NewBasin } from "./new-basin.js";

const COLUMNS = [
  { name: "Name" },
  { name: "Where", class: "wide-only" },
  { name: "Made" },
  { name: "State" },
];

type Basin = Awaited<ReturnType<typeof call<"listBasins">>>["basins"][number];

export function Basins() {
  const { query } = route.value;
  const prefix = query.get("prefix") ?? "";
  const pages = usePages(
    async (startAfter) => {
      const { basins, hasMore } = await call("listBasins", { prefix, ...startAfter, limit: 500 });
      return { items: basins, hasMore };
    },
    ({ name }) => name,
    [prefix],
  );
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1>Basins</h1>
        <Search
          label="Basins that begin with"
          placeholder="begins with"
          value={prefix}
          onChange={(value) => setQuery({ prefix: value })}
        />
        <span class="spacer" />
        <CopyAsButton make={() => listAs(prefix)} />
        <button type="button" class="primary" onClick={() => setQuery({ new: "1" })}>
          New basin
        </button>
      </div>
      <Listing
        pages={pages}
        what="basins"
        none={prefix === "" ? "No basins yet" : `No basin begins with “${printable(prefix)}”`}
        hint={
          prefix === "" && (
            <p>Make one to put streams in: its settings are the defaults of its streams.</p>
          )
        }
      >
        <PagedGrid
          key={prefix}
          label="Basins"
          kind="basins"
          columns={COLUMNS}
          pages={pages}
          onOpen={({ name }) => go({ screen: "basin", basin: name, tab: "streams" })}
          cells={(basin) => <Cells basin={basin} />}
        />
      </Listing>
      {query.has("new") && <NewBasin onClose={() => setQuery({ new: undefined })} />}
    </main>
  );
}

function Cells({ basin: { name, location, createdAt, deletedAt } }: { readonly basin: Basin }) {
  return (
    <>
      <span role="gridcell" class="name" title={printable(name)}>
        {printable(name)}
      </span>
      <span role="gridcell" class="muted wide-only">
        {location ?? ""}
      </span>
      <span role="gridcell">
        <Ago ms={createdAt.getTime()} />
      </span>
      <span role="gridcell">
        {deletedAt === undefined ? (
          <span class="muted">in use</span>
        ) : (
          <Deleting since={deletedAt} />
        )}
      </span>
    </>
  );
}

function listAs(prefix: string) {
  return {
    title: "list basins",
    cli: `s2kit list-basins${flags({ prefix })}`,
    curl: curl({ ...common(), path: "/basins", query: { prefix } }),
    ts: program(
      endpoint(),
      common().hasToken,
      `for await (const basin of s2.basins.listAll({ prefix: ${text(prefix)} })) console.log(basin.name);`,
    ),
  };
}
