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
  const { base, length, selected } = props;
  const box = useRef<HTMLDivElement>(null);
  const scroll = useScroll(box, props);
  const { first, inSight } = scroll;
  const count = Math.min(inSight, Math.max(length - first, 0));
  const move = (index: number): void => {
    const to = Math.max(base, Math.min(index, base + length - 1));
    if (length === 0) return;
    props.onPinned?.(false);
    props.onSelect(to);
    scroll.bringIntoSight(to);
    if (to === base) props.onEdge?.("start");
    if (to === base + length - 1) props.onEdge?.("end");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") {
      if (selected === undefined) return;
      props.onOpen(selected);
    } else {
      const to = target(event.key, selected ?? scroll.topIndex - 1, scroll.pageRows, props);
      if (to === undefined) return;
      move(to);
    }
    event.preventDefault();
  };
  const rows = Array.from({ length: count }, (_, i) => {
    const index = base + first + i;
    return (
      // Rows that scroll out are those that scroll in: no element is made while a list runs.
      <Row key={((index % inSight) + inSight) % inSight} {...props} index={index} />
    );
  });
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
      onScroll={scroll.onScroll}
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

function Row({ index, ...props }: GridProps & { readonly index: number }) {
  const at = index - props.base;
  return (
    <div
      role="row"
      id={`row-${index}`}
      aria-rowindex={at + 2}
      aria-selected={index === props.selected}
      class={`row ${props.kind} ${props.rowClass?.(index) ?? ""} ${at % 2 === 1 ? "odd" : ""}`}
      style={{ transform: `translateY(${at * ROW_HEIGHT}px)` }}
      onClick={() => {
        props.onSelect(index);
        props.onOpen(index);
      }}
    >
      {props.cells(index) ?? <span role="gridcell" class="waiting" />}
    </div>
  );
}

/** Where a key goes from a row; undefined for keys that go nowhere. */
function target(
  key: string,
  at: number,
  page: number,
  { base, length }: GridProps,
): number | undefined {
  switch (key) {
    case "j":
    case "ArrowDown":
      return at + 1;
    case "k":
    case "ArrowUp":
      return at - 1;
    case "PageDown":
      return at + page;
    case "PageUp":
      return at - page;
    case "g":
    case "Home":
      return base;
    case "G":
    case "End":
      return base + length - 1;
    default:
      return undefined;
  }
}

/** Where the list stands, and how it is kept there while rows come and go. */
function useScroll(
  box: { readonly current: HTMLDivElement | null },
  { base, length, isPinned = false, onView, onPinned, onEdge }: GridProps,
) {
  const top = useSignal(0);
  const height = useSignal(600);
  /** What was shown before the rows changed: index of the first row, and where the list stood. */
  const anchor = useRef({ base, expected: -1 });
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const moved = anchor.current.base - base;
    anchor.current.base = base;
    // Beyond the end: asking for it would lay the rows out once more.
    if (isPinned) current.scrollTop = (length + 2) * ROW_HEIGHT;
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
  // Where a pinned list stands is known before it is drawn, so it is drawn once.
  const y = isPinned ? (length + 1) * ROW_HEIGHT - height.value : top.value;
  const first = Math.max(Math.floor(y / ROW_HEIGHT) - OVERSCAN, 0);
  const inSight = Math.ceil(height.value / ROW_HEIGHT) + 2 * OVERSCAN;
  // A pinned list looks at its end, wherever that is.
  const looksAt = isPinned ? undefined : base + first;
  useEffect(() => onView?.(base + first, inSight), [looksAt, inSight]);
  return {
    first,
    inSight,
    topIndex: base + Math.floor(y / ROW_HEIGHT),
    pageRows: Math.max(Math.floor(height.value / ROW_HEIGHT) - 2, 1),
    bringIntoSight: (index: number): void => {
      const { current } = box;
      if (current === null) return;
      const at = (index - base) * ROW_HEIGHT;
      const room = current.clientHeight - ROW_HEIGHT * 2;
      if (at < current.scrollTop) current.scrollTop = at;
      else if (at > current.scrollTop + room) current.scrollTop = at - room;
    },
    onScroll: (): void => {
      const { current } = box;
      if (current === null) return;
      const isOurs = Math.abs(current.scrollTop - anchor.current.expected) < 2;
      top.value = current.scrollTop;
      anchor.current.expected = -1;
      const below = current.scrollHeight - current.scrollTop - current.clientHeight;
      if (!isOurs) onPinned?.(below < 4);
      if (current.scrollTop < ROW_HEIGHT * 20 && !isOurs) onEdge?.("start");
      if (below < ROW_HEIGHT * 20) onEdge?.("end");
    },
  };
}
