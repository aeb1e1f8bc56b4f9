// A list of any length with rows of one height: only those in sight exist. Its rows are found by an
// index that stays with them while others come and go at both ends, so what a person looks at does
// not move. Keys: j k, arrows, pages, g G, Enter.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

export const ROW_HEIGHT = 30;
const OVERSCAN = 10;

export interface GridProps {
  readonly label: string;
  readonly columns: readonly { readonly name: string; readonly class?: string }[];
  /** Class of the template of columns. */
  readonly kind: string;
  readonly base: number;
  readonly length: number;
  readonly selected: number | undefined;
  /** The cells of a row; undefined while it is not here. */
  readonly cells: (index: number) => ComponentChildren | undefined;
  readonly rowClass?: (index: number) => string;
  readonly onSelect: (index: number) => void;
  readonly onOpen: (index: number) => void;
  readonly onView?: (first: number, count: number) => void;
  /** Sticks to the last row. */
  readonly isPinned?: boolean;
  readonly onPinned?: (isPinned: boolean) => void;
  readonly onEdge?: (edge: "end" | "start") => void;
  readonly isBusy?: boolean;
}

export function Grid(props: GridProps) {
  const { base, length, selected, isPinned = false, onView, onPinned, onEdge } = props;
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  /** What was shown before the rows changed: index of the first row, and the pixels above it. */
  const anchor = useRef({ base, expected: -1 });

  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const moved = anchor.current.base - base;
    anchor.current.base = base;
    if (isPinned) current.scrollTop = current.scrollHeight;
    else if (moved !== 0) current.scrollTop += moved * ROW_HEIGHT;
    anchor.current.expected = current.scrollTop;
    top.value = current.scrollTop;
  }, [base, length, isPinned, height.value]);

  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => {
      height.value = current.clientHeight;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);

  const first = Math.max(Math.floor(top.value / ROW_HEIGHT) - OVERSCAN, 0);
  const count = Math.min(
    Math.ceil(height.value / ROW_HEIGHT) + 2 * OVERSCAN,
    Math.max(length - first, 0),
  );
  useEffect(() => {
    onView?.(base + first, Math.ceil(height.value / ROW_HEIGHT) + 2 * OVERSCAN);
  }, [base + first, height.value]);

  const onScroll = (): void => {
    const { current } = box;
    if (current === null) return;
    const isOurs = Math.abs(current.scrollTop - anchor.current.expected) < 2;
    top.value = current.scrollTop;
    anchor.current.expected = -1;
    const below = current.scrollHeight - current.scrollTop - current.clientHeight;
    if (!isOurs && onPinned !== undefined) onPinned(below < 4);
    if (current.scrollTop < ROW_HEIGHT * 20 && !isOurs) onEdge?.("start");
    if (below < ROW_HEIGHT * 20) onEdge?.("end");
  };

  const move = (index: number): void => {
    const { current } = box;
    const to = Math.max(base, Math.min(index, base + length - 1));
    if (current === null || length === 0) return;
    onPinned?.(false);
    props.onSelect(to);
    const y = (to - base) * ROW_HEIGHT;
    const room = current.clientHeight - ROW_HEIGHT * 2;
    if (y < current.scrollTop) current.scrollTop = y;
    else if (y > current.scrollTop + room) current.scrollTop = y - room;
    if (to === base) onEdge?.("start");
    if (to === base + length - 1) onEdge?.("end");
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(Math.floor(height.value / ROW_HEIGHT) - 2, 1);
    const at = selected ?? base + Math.floor(top.value / ROW_HEIGHT) - 1;
    const keys: Readonly<Record<string, () => void>> = {
      j: () => move(at + 1),
      ArrowDown: () => move(at + 1),
      k: () => move(at - 1),
      ArrowUp: () => move(at - 1),
      PageDown: () => move(at + page),
      PageUp: () => move(at - page),
      g: () => move(base),
      Home: () => move(base),
      G: () => move(base + length - 1),
      End: () => move(base + length - 1),
      Enter: () => {
        if (selected !== undefined) props.onOpen(selected);
      },
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  const rows = [];
  for (let i = first; i < first + count; i++) {
    const index = base + i;
    const cells = props.cells(index);
    rows.push(
      <div
        key={index}
        role="row"
        id={`row-${index}`}
        aria-rowindex={i + 2}
        aria-selected={index === selected}
        class={`row ${props.kind} ${props.rowClass?.(index) ?? ""} ${i % 2 === 1 ? "odd" : ""}`}
        style={{ transform: `translateY(${i * ROW_HEIGHT}px)` }}
        onClick={() => {
          props.onSelect(index);
          props.onOpen(index);
        }}
      >
        {cells ?? <span role="gridcell" class="waiting" />}
      </div>,
    );
  }
  const isShown =
    selected !== undefined && selected >= base + first && selected < base + first + count;
  return (
    <div
      ref={box}
      class="grid"
      role="grid"
      aria-label={props.label}
      aria-rowcount={length + 1}
      aria-busy={props.isBusy === true}
      aria-activedescendant={isShown ? `row-${selected}` : undefined}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" class="head">
        <div role="row" aria-rowindex={1} class={`row ${props.kind}`}>
          {props.columns.map(({ name, class: className = "" }) => (
            <span role="columnheader" class={className} key={name}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="body" style={{ height: `${length * ROW_HEIGHT}px` }}>
        {rows}
      </div>
    </div>
  );
}
