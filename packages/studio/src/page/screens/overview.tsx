// The first screen: is the server well, what goes through it, and what to do when nothing is there
// yet. Reads the vitals of the server, and asks the API for a few basins.

import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { program } from "../format/copy-as.js";
import { bytes, count, short } from "../format/numbers.js";
import { printable } from "../format/text.js";
import { ago, now, span } from "../format/times.js";
import { Snippet } from "../parts/copy-dialog.js";
import { Failed, Loading } from "../parts/notices.js";
import { Plot } from "../parts/plot.js";
import { call } from "../state/bridge.js";
import { config, endpoint, token } from "../state/connection.js";
import { useLoaded } from "../state/loaded.js";
import { hrefOf } from "../state/route.js";
import { clockAheadMs, health, healthWords, levels, rates, vitals } from "../state/vitals.js";
import { FirstSteps } from "./first-steps.js";

export function Overview() {
  const basins = useLoaded(() => call("listBasins", { limit: 6 }), []);
  const isEmpty = basins.value?.basins.length === 0;
  return (
    <main class="screen overview" id="main">
      <h1>Overview</h1>
      <Facts />
      {isEmpty && <FirstSteps onMade={basins.reload} />}
      <Plots />
      {!isEmpty && (
        <section class="cards two">
          <section class="card">
            <h2>Basins</h2>
            {basins.failure !== undefined && (
              <Failed failure={basins.failure} retry={basins.reload} />
            )}
            {basins.value === undefined && basins.isLoading && <Loading what="basins" />}
            <ul class="links">
              {basins.value?.basins.map(({ name, createdAt, deletedAt }) => (
                <li key={name}>
                  <a href={hrefOf({ screen: "basin", basin: name, tab: "streams" })}>
                    {printable(name)}
                  </a>
                  <span class="muted">
                    {deletedAt === undefined ? `made ${ago(createdAt.getTime())}` : "being deleted"}
                  </span>
                </li>
              ))}
            </ul>
            <p>
              <a href={hrefOf({ screen: "basins" })}>All basins</a>
            </p>
          </section>
          <section class="card">
            <h2>Use it from elsewhere</h2>
            <Paste />
          </section>
        </section>
      )}
    </main>
  );
}

function Facts() {
  const { version, storage, auth } = config.value;
  const last = vitals.value.at(-1);
  const value = (name: string): number | undefined => last?.values.get(name);
  const started = value("process_start_time_seconds");
  const delay = value("nodejs_eventloop_lag_p99_seconds");
  const memory = value("process_resident_memory_bytes");
  const words = { ok: "OK", failing: "failing", unreachable: "no answer", untold: "not told" };
  const state = health.value;
  return (
    <dl class="facts">
      <Fact name="Health" note={healthWords.value}>
        <i class={`dot ${state ?? "waiting"}`} />
        {state === undefined ? "…" : words[state]}
      </Fact>
      <Fact name="Server" note={endpoint()}>
        {version === "" ? "another server" : version}
      </Fact>
      <Fact
        name="Storage"
        note={
          storage?.directory === undefined
            ? storage?.kind === "memory"
              ? "nothing survives the process"
              : undefined
            : printable(storage.directory)
        }
      >
        {storage?.kind === "memory"
          ? "in memory"
          : storage?.kind === "disk"
            ? "on disk"
            : "not told"}
      </Fact>
      <Fact
        name="Access"
        note={
          auth === undefined
            ? undefined
            : token.value === ""
              ? "no token in this page"
              : "this page has a token"
        }
      >
        {auth === undefined ? "not told" : auth ? "by token" : "open, no token"}
      </Fact>
      <Fact name="Running for">{started === undefined ? "–" : span(now() - started * 1000)}</Fact>
      {clockAheadMs.value !== 0 && (
        <Fact name="Clock of this browser" note="times are told by the server's">
          {span(clockAheadMs.value)} {clockAheadMs.value > 0 ? "ahead" : "behind"}
        </Fact>
      )}
      <Fact name="Sessions" note={`${shown(value("s2kit_followers"))} at a tail`}>
        {shown(value("s2kit_sessions"))}
      </Fact>
      <Fact name="Loop delay, p99" note="how long work waits for its turn">
        {delay === undefined ? "–" : `${(delay * 1000).toFixed(1)} ms`}
      </Fact>
      <Fact name="Memory">{memory === undefined ? "–" : bytes(memory)}</Fact>
    </dl>
  );
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

function Plots() {
  const plots = useComputed(() => {
    const all = vitals.value;
    return {
      seconds: all.map(({ atSecs }) => atSecs),
      records: rates(all, "s2_append_batch_records_sum"),
      bytes: rates(all, "s2_append_batch_bytes_sum"),
      readRecords: rates(all, "s2kit_read_records"),
      readBytes: rates(all, "s2kit_read_bytes"),
      inflight: levels(all, "s2kit_append_inflight_bytes"),
    };
  }).value;
  const perSecond = (value: number): string => `${bytes(value)}/s`;
  if (vitals.value.length === 0)
    return (
      <p class="muted quiet-line" role="status">
        {health.value === undefined
          ? "Asking the server how it is…"
          : "This server has no metrics page: no rates to show."}
      </p>
    );
  return (
    <section class="cards three" aria-label="Rates">
      <Plot
        title="Records"
        seconds={plots.seconds}
        format={(value) => `${short(value)}/s`}
        series={[
          { name: "appended", colour: "series-1", values: plots.records },
          { name: "read", colour: "series-4", values: plots.readRecords },
        ]}
      />
      <Plot
        title="Bytes"
        seconds={plots.seconds}
        format={perSecond}
        isBinary
        series={[
          { name: "appended", colour: "series-1", values: plots.bytes },
          { name: "read", colour: "series-4", values: plots.readBytes },
        ]}
      />
      <Plot
        title="Not durable yet"
        seconds={plots.seconds}
        format={bytes}
        isBinary
        series={[{ name: "in flight", colour: "series-3", values: plots.inflight }]}
      />
    </section>
  );
}

function Paste() {
  const url = endpoint();
  const hasToken = config.value.auth === true;
  return (
    <>
      <Snippet
        label="Shell"
        text={`export S2_ENDPOINT=${url}\n${hasToken ? "export S2_ACCESS_TOKEN=…\n" : ""}s2kit ls`}
      />
      <Snippet
        label="TypeScript"
        text={program(
          url,
          hasToken,
          `for await (const { name } of s2.basins.listAll()) console.log(name);`,
        )}
      />
    </>
  );
}
