// A list that is loaded page by page as it is scrolled: a row is selected by keys and opened by
// Enter or a click, and what is being deleted stands back. Basins and streams are listed by it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Pages } from "../state/pages.js";
import { Grid, type GridProps } from "./grid.js";
import { When } from "./when.js";

interface Listed {
  readonly deletedAt?: Date | undefined;
}

export function PagedGrid<T extends Listed>({
  pages,
  cells,
  onOpen,
  ...grid
}: Pick<GridProps, "columns" | "kind" | "label" | "onView"> & {
  readonly pages: Pages<T>;
  readonly cells: (item: T) => ComponentChildren;
  readonly onOpen: (item: T) => void;
}) {
  const { items, more } = pages;
  const selected = useSignal<number | undefined>(undefined);
  return (
    <Grid
      {...grid}
      base={0}
      isBusy={pages.isLoading}
      length={items.length}
      selected={selected.value}
      onSelect={(index) => (selected.value = index)}
      onOpen={(index) => {
        const item = items[index];
        if (item !== undefined) onOpen(item);
      }}
      onEdge={(edge) => edge === "end" && more()}
      rowClass={(index) => (items[index]?.deletedAt === undefined ? "" : "deleting")}
      cells={(index) => {
        const item = items[index];
        return item === undefined ? undefined : cells(item);
      }}
    />
  );
}

/** Stands beside what is on its way out. */
export function Deleting({ since }: { readonly since: Date }) {
  return (
    <span class="badge warn">
      being deleted since <When ms={since.getTime()} />
    </span>
  );
}
