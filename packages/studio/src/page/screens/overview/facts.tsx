// How the server is, in a few words and numbers: its health, its place, who may use it, how busy.
// Part of the overview; what a server does not tell is said to be untold.

import type { ComponentChildren } from "preact";
import { bytes, count } from "../../format/numbers.js";
import { printable } from "../../format/text.js";
import { now, span } from "../../format/times.js";
import { config, endpoint, type StudioConfig, token } from "../../state/connection.js";
import { clockAheadMs, health, healthWords, vitals } from "../../state/vitals.js";

const HEALTH = { ok: "OK", failing: "failing", unreachable: "no answer", untold: "not told" };

export function Facts() {
  return (
    <dl class="facts">
      <Told />
      <Measured />
    </dl>
  );
}

/** What the server says of itself. */
function Told() {
  const { version, storage, auth } = config.value;
  const state = health.value;
  return (
    <>
      <Fact name="Health" note={healthWords.value}>
        <i class={`dot ${state ?? "waiting"}`} />
        {state === undefined ? "…" : HEALTH[state]}
      </Fact>
      <Fact name="Server" note={endpoint()}>
        {version === "" ? "another server" : version}
      </Fact>
      <Fact name="Storage" note={storageNote(storage)}>
        {storageWords(storage)}
      </Fact>
      <Fact name="Access" note={accessNote(auth)}>
        {auth === undefined ? "not told" : auth ? "by token" : "open, no token"}
      </Fact>
    </>
  );
}

/** What its metrics page says, and the clock of this browser against its own. */
function Measured() {
  const last = vitals.value.at(-1);
  const value = (name: string): number | undefined => last?.values.get(name);
  const started = value("process_start_time_seconds");
  const delay = value("nodejs_eventloop_lag_p99_seconds");
  const memory = value("process_resident_memory_bytes");
  const aheadMs = clockAheadMs.value;
  return (
    <>
      <Fact name="Running for">{started === undefined ? "–" : span(now() - started * 1000)}</Fact>
      {aheadMs !== 0 && (
        <Fact name="Clock of this browser" note="times are told by the server's">
          {span(aheadMs)} {aheadMs > 0 ? "ahead" : "behind"}
        </Fact>
      )}
      <Fact name="Sessions" note={`${shown(value("s2kit_followers"))} at a tail`}>
        {shown(value("s2kit_sessions"))}
      </Fact>
      <Fact name="Loop delay, p99" note="how long work waits for its turn">
        {delay === undefined ? "–" : `${(delay * 1000).toFixed(1)} ms`}
      </Fact>
      <Fact name="Memory">{memory === undefined ? "–" : bytes(memory)}</Fact>
    </>
  );
}

function storageWords(storage: StudioConfig["storage"]): string {
  if (storage?.kind === "memory") return "in memory";
  if (storage?.kind === "bucket") return "in a bucket";
  return storage?.kind === "disk" ? "on disk" : "not told";
}

function storageNote(storage: StudioConfig["storage"]): string | undefined {
  if (storage?.directory !== undefined) return printable(storage.directory);
  return storage?.kind === "memory" ? "nothing survives the process" : undefined;
}

function accessNote(auth: boolean | undefined): string | undefined {
  if (auth === undefined) return undefined;
  return token.value === "" ? "no token in this page" : "this page has a token";
}

function shown(value: number | undefined): string {
  return value === undefined ? "–" : count(value);
}

function Fact({
  name,
  note,
  children,
}: {
  readonly name: string;
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        <b class="num">{children}</b>
        {note !== undefined && note !== "" && <small title={note}>{note}</small>}
      </dd>
    </div>
  );
}
