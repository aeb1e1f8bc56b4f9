// The frame around every screen: where one can go, how the server is, and the dialogs that belong
// to none. Drawn once by `main`; knows every screen, and no screen knows it.

import { CopyAsDialog } from "./parts/copy-dialog.js";
import { Help } from "./parts/help.js";
import { KeyDialog } from "./parts/key-dialog.js";
import { Palette } from "./parts/palette.js";
import { TokenDialog } from "./parts/token-dialog.js";
import { Basin } from "./screens/basins/basin.js";
import { Basins } from "./screens/basins/basins.js";
import { MetricsScreen } from "./screens/metrics/metrics.js";
import { Overview } from "./screens/overview/overview.js";
import { StreamScreen } from "./screens/streams/stream.js";
import { Tokens } from "./screens/tokens/tokens.js";
import { token } from "./state/connection.js";
import { isHelpOpen, isPaletteOpen, isTokenDialogOpen, toast } from "./state/dialogs.js";
import { onKey } from "./state/keys.js";
import { isUtc, theme } from "./state/preferences.js";
import { goUp, hrefOf, type Place, route } from "./state/route.js";
import { health } from "./state/vitals.js";

const PLACES: readonly (readonly [string, Place])[] = [
  ["Overview", { screen: "overview" }],
  ["Basins", { screen: "basins" }],
  ["Metrics", { screen: "metrics" }],
  ["Tokens", { screen: "tokens" }],
];

const toList = (): void => document.querySelector<HTMLElement>(".grid")?.focus();

// The lowest layer: what a screen hears itself does not come here.
onKey({
  "Ctrl-K": () => (isPaletteOpen.value = true),
  "?": () => (isHelpOpen.value = true),
  "/": () => document.querySelector<HTMLInputElement>("input[type=search]")?.focus(),
  j: toList,
  k: toList,
  Escape: goUp,
});

export function App() {
  const { place } = route.value;
  return (
    <div class="app">
      <a class="skip" href="#main" onClick={skip}>
        To the content
      </a>
      <header class="side">
        <a class="brand" href={hrefOf({ screen: "overview" })}>
          <Mark />
          <span>studio</span>
        </a>
        <nav aria-label="Places">
          {PLACES.map(([name, to]) => (
            <a key={name} href={hrefOf(to)} aria-current={isWithin(place, to) ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="tools">
          <Health />
          <button type="button" class="quiet" onClick={() => (isPaletteOpen.value = true)}>
            Go to… <kbd>Ctrl-K</kbd>
          </button>
          <button type="button" class="quiet" onClick={() => (isTokenDialogOpen.value = true)}>
            {token.value === "" ? "No token" : "Token set"}
          </button>
          <button
            type="button"
            class="quiet"
            aria-pressed={isUtc.value}
            onClick={() => (isUtc.value = !isUtc.value)}
          >
            {isUtc.value ? "Times in UTC" : "Local times"}
          </button>
          <Themes />
          <button type="button" class="quiet" onClick={() => (isHelpOpen.value = true)}>
            Keys <kbd>?</kbd>
          </button>
        </div>
      </header>
      <Screen place={place} />
      <TokenDialog />
      <KeyDialog />
      <Palette />
      <Help />
      <CopyAsDialog />
      <p class="toast" role="status" aria-live="polite">
        {toast.value}
      </p>
    </div>
  );
}

function Screen({ place }: { readonly place: Place }) {
  switch (place.screen) {
    case "overview":
      return <Overview />;
    case "basins":
      return <Basins />;
    case "basin":
      return <Basin {...place} />;
    case "stream":
      return <StreamScreen {...place} />;
    case "metrics":
      return <MetricsScreen />;
    case "tokens":
      return <Tokens />;
    case "unknown":
      return (
        <main class="screen" id="main">
          <h1>There is no such place</h1>
          <p>
            <a href={hrefOf({ screen: "overview" })}>To the overview</a>
          </p>
        </main>
      );
  }
}

function Health() {
  const words = {
    ok: "server is well",
    failing: "server is failing",
    unreachable: "no answer",
    untold: "health not told",
  };
  const state = health.value;
  const told = state === undefined ? "asking…" : words[state];
  return (
    <span class="health" role="status" aria-label={told} title={told}>
      <i class={`dot ${state ?? "waiting"}`} />
      <span>{told}</span>
    </span>
  );
}

function Themes() {
  const next = { system: "light", light: "dark", dark: "system" } as const;
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Colours: ${theme.value}`}
      onClick={() => (theme.value = next[theme.value])}
    >
      <span>
        <span class="wide-only">Colours: </span>
        {theme.value}
      </span>
    </button>
  );
}

/** Three layers of records. */
function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="2" y="3" width="16" height="3" rx="1.5" />
      <rect x="2" y="8.5" width="11" height="3" rx="1.5" opacity=".75" />
      <rect x="2" y="14" width="7" height="3" rx="1.5" opacity=".5" />
    </svg>
  );
}

function isWithin(place: Place, to: Place): boolean {
  if (to.screen === "basins")
    return place.screen === "basins" || place.screen === "basin" || place.screen === "stream";
  return place.screen === to.screen;
}

/** The address behind # is the place: the link must not change it. */
function skip(event: Event): void {
  event.preventDefault();
  const main = document.querySelector<HTMLElement>("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}
