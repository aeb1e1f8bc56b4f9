// The basins of the account: found by prefix, made here, opened by a click.
// Its dialog for a new one is opened by the address, so that the palette can.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { curl, flags, program, text } from "../format/copy-as.js";
import { printable } from "../format/text.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { Grid } from "../parts/grid.js";
import { Listing } from "../parts/listing.js";
import { Ago, When } from "../parts/when.js";
import { call } from "../state/bridge.js";
import { common, endpoint } from "../state/connection.js";
import { usePages } from "../state/pages.js";
import { go, route, setQuery } from "../state/route.js";
import { NewBasin } from "./new-basin.js";

const COLUMNS = [
  { name: "Name" },
  { name: "Where", class: "wide-only" },
  { name: "Made" },
  { name: "State" },
];

export function Basins() {
  const prefix = route.value.query.get("prefix") ?? "";
  const selected = useSignal<number | undefined>(undefined);
  const isMaking = route.value.query.has("new");
  const pages = usePages(
    async (startAfter) => {
      const { basins, hasMore } = await call("listBasins", { prefix, ...startAfter, limit: 500 });
      return { items: basins, hasMore };
    },
    ({ name }) => name,
    [prefix],
  );
  useEffect(() => {
    selected.value = undefined;
  }, [prefix]);
  const open = (index: number): void => {
    const basin = pages.items[index]?.name;
    if (basin !== undefined) go({ screen: "basin", basin, tab: "streams" });
  };
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1>Basins</h1>
        <input
          type="search"
          class="search"
          aria-label="Basins that begin with"
          placeholder="begins with…  /"
          value={prefix}
          onInput={({ currentTarget }) => setQuery({ prefix: currentTarget.value })}
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
        <Grid
          label="Basins"
          kind="basins"
          columns={COLUMNS}
          base={0}
          length={pages.items.length}
          selected={selected.value}
          onSelect={(index) => (selected.value = index)}
          onOpen={open}
          onEdge={(edge) => edge === "end" && pages.more()}
          rowClass={(index) => (pages.items[index]?.deletedAt === undefined ? "" : "deleting")}
          cells={(index) => {
            const basin = pages.items[index];
            if (basin === undefined) return undefined;
            return (
              <>
                <span role="gridcell" class="name" title={printable(basin.name)}>
                  {printable(basin.name)}
                </span>
                <span role="gridcell" class="muted wide-only">
                  {basin.location ?? ""}
                </span>
                <span role="gridcell">
                  <Ago ms={basin.createdAt.getTime()} />
                </span>
                <span role="gridcell">
                  {basin.deletedAt === undefined ? (
                    <span class="muted">in use</span>
                  ) : (
                    <span class="badge warn">
                      being deleted since <When ms={basin.deletedAt.getTime()} />
                    </span>
                  )}
                </span>
              </>
            );
          }}
        />
      </Listing>
      {isMaking && <NewBasin onClose={() => setQuery({ new: undefined })} />}
    </main>
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
