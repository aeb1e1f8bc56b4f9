// Ctrl-K: one field that goes anywhere. Places and actions that it knows by itself, basins and the
// streams of the basin in sight as the API finds them by prefix.

import { useSignal } from "@preact/signals";
import { sleep, systemClock } from "@s2kit/core";
import { useEffect, useId } from "preact/hooks";
import { printable } from "../format/text.js";
import { call } from "../state/bridge.js";
import { isHelpOpen, isPaletteOpen, isTokenDialogOpen } from "../state/dialogs.js";
import { isUtc, theme } from "../state/preferences.js";
import { go, type Place, route } from "../state/route.js";
import { Dialog } from "./dialog.js";

interface Item {
  readonly kind: string;
  readonly name: string;
  readonly act: () => void;
}

export function Palette() {
  return isPaletteOpen.value ? <Open /> : null;
}

function Open() {
  const wanted = useSignal("");
  const at = useSignal(0);
  const found = useSignal<readonly Item[]>([]);
  const id = useId();
  const { place } = route.value;
  const basin = place.screen === "basin" || place.screen === "stream" ? place.basin : undefined;
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      if (!(await sleep(systemClock, 120, stop.signal))) return;
      const items = await search(wanted.value.trim(), basin);
      if (!stop.signal.aborted) found.value = items;
    })();
    return () => stop.abort();
  }, [wanted.value]);
  const words = wanted.value.trim().toLowerCase();
  const items = [
    ...known(place).filter(({ name }) => name.toLowerCase().includes(words)),
    ...found.value,
  ].slice(0, 14);
  const current = Math.min(at.value, items.length - 1);
  const close = (): void => {
    isPaletteOpen.value = false;
  };
  const choose = (item: Item | undefined): void => {
    if (item === undefined) return;
    close();
    item.act();
  };
  const move = (by: number): void => {
    at.value = (current + by + items.length) % Math.max(items.length, 1);
  };
  return (
    <Dialog title="Go to" onClose={close}>
      <input
        data-first
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={items.length > 0 ? `${id}-${current}` : undefined}
        aria-label="Basin, stream or action"
        placeholder={
          basin === undefined ? "basin or action" : `stream of ${basin}, basin or action`
        }
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          wanted.value = currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") move(1);
          else if (event.key === "ArrowUp") move(-1);
          else if (event.key === "Enter") choose(items[current]);
          else return;
          event.preventDefault();
        }}
      />
      <div class="options" role="listbox" id={id} aria-label="Found">
        {items.map((item, index) => (
          <div
            key={`${item.kind} ${item.name}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            onClick={() => choose(item)}
          >
            <span>{printable(item.name)}</span>
            <small>{item.kind}</small>
          </div>
        ))}
        {items.length === 0 && <p class="muted">Nothing begins with this.</p>}
      </div>
    </Dialog>
  );
}

async function search(prefix: string, basin: string | undefined): Promise<readonly Item[]> {
  const [basins, streams] = await Promise.allSettled([
    call("listBasins", { prefix, limit: 6 }),
    basin === undefined
      ? Promise.resolve({ streams: [] })
      : call("listStreams", basin, { prefix, limit: 8 }),
  ]);
  return [
    ...(streams.status === "fulfilled" ? streams.value.streams : []).map(({ name }) =>
      to("stream", name, { screen: "stream", basin: basin ?? "", stream: name, tab: "records" }),
    ),
    ...(basins.status === "fulfilled" ? basins.value.basins : []).map(({ name }) =>
      to("basin", name, { screen: "basin", basin: name, tab: "streams" }),
    ),
  ];
}

function known(place: Place): readonly Item[] {
  const here: readonly Item[] =
    place.screen !== "stream"
      ? []
      : [
          to("this stream", "Records", { ...place, tab: "records" }),
          to("this stream", "Append", { ...place, tab: "append" }),
          to("this stream", "Fence and trim", { ...place, tab: "control" }),
          to("this stream", "Settings", { ...place, tab: "settings" }),
        ];
  const newStream: readonly Item[] =
    place.screen !== "basin"
      ? []
      : [
          {
            kind: "action",
            name: "New stream",
            act: () => go({ ...place, tab: "streams" }, { new: "1" }),
          },
        ];
  return [
    ...here,
    ...newStream,
    to("place", "Overview", { screen: "overview" }),
    to("place", "Basins", { screen: "basins" }),
    to("place", "Metrics", { screen: "metrics" }),
    to("place", "Access tokens", { screen: "tokens" }),
    { kind: "action", name: "New basin", act: () => go({ screen: "basins" }, { new: "1" }) },
    { kind: "action", name: "Enter a token", act: () => (isTokenDialogOpen.value = true) },
    {
      kind: "action",
      name: "Dark or light",
      act: () => (theme.value = theme.value === "dark" ? "light" : "dark"),
    },
    { kind: "action", name: "UTC or local time", act: () => (isUtc.value = !isUtc.value) },
    { kind: "action", name: "Keys", act: () => (isHelpOpen.value = true) },
  ];
}

function to(kind: string, name: string, place: Place): Item {
  return { kind, name, act: () => go(place) };
}
