// A list that is loaded page by page: its rows, or why there are none. What has failed stands above
// the rows that came before it.

import type { ComponentChildren } from "preact";
import type { Pages } from "../state/pages.js";
import { Empty, Failed, Loading } from "./notices.js";

export function Listing({
  pages,
  what,
  none,
  hint,
  children,
}: {
  readonly pages: Pages<unknown>;
  /** Word for the rows: tokens. */
  readonly what: string;
  /** Title of the empty list. */
  readonly none: string;
  /** What to do then. */
  readonly hint?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const { failure, isLoading, items } = pages;
  return (
    <>
      {failure !== undefined && <Failed failure={failure} retry={pages.reload} />}
      {isLoading && items.length === 0 && <Loading what={what} />}
      {!isLoading && failure === undefined && items.length === 0 && (
        <Empty title={none}>{hint}</Empty>
      )}
      {items.length > 0 && children}
    </>
  );
}
