// A row of the acceptance table: a number, a title, and cases that run in every cell.

import type { Cell, Shell } from "./cell.js";

export interface Row {
  readonly number: number;
  readonly title: string;
  /** Each with a shell of its own; the names of what it creates begin with `row<number>`. */
  readonly cases: Readonly<Record<string, (shell: Shell, cell: Cell) => Promise<void>>>;
}
