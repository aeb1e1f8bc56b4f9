// What to do on a server with nothing on it: one button that makes a basin with a live stream, and
// the same for a terminal.

import { useSignal } from "@preact/signals";
import { sleep, systemClock } from "@s2kit/core";
import { curl, program } from "../../format/copy-as.js";
import { Snippet } from "../../parts/copy-dialog.js";
import { Failed, failureIn } from "../../parts/notices.js";
import type { Failure } from "../../protocol.js";
import { CallError, call } from "../../state/bridge.js";
import { config, endpoint } from "../../state/connection.js";
import { go } from "../../state/route.js";

const DEMO_BASIN = "demo-basin";
const DEMO_STREAM = "weather/harbour";
const DEMO_RECORDS = 120;
const PLACES = ["quay", "lighthouse", "breakwater", "old town"];

const utf8 = new TextEncoder();

export function FirstSteps({ onMade }: { readonly onMade: () => void }) {
  const isBusy = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const url = endpoint();
  const hasToken = config.value.auth === true;
  const make = async (): Promise<void> => {
    isBusy.value = true;
    failure.value = undefined;
    try {
      await makeDemo();
      onMade();
      go({ screen: "stream", basin: DEMO_BASIN, stream: DEMO_STREAM, tab: "records" });
    } catch (error) {
      failure.value = failureIn(error);
    }
    isBusy.value = false;
  };
  return (
    <section class="card first">
      <h2>Nothing here yet</h2>
      <p>
        A <b>basin</b> holds <b>streams</b>; a stream is an ordered list of records that is kept and
        can be followed as it grows. Make a small one to look at, or begin from a terminal.
      </p>
      <p class="actions start">
        <button type="button" class="primary" disabled={isBusy.value} onClick={() => void make()}>
          {isBusy.value ? "Making it…" : "Make a demo basin and a live stream"}
        </button>
      </p>
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <div class="cards three">
        <Snippet
          label="CLI"
          text={`export S2_ENDPOINT=${url}\ns2kit create-basin my-basin --create-stream-on-append\necho hello | s2kit append s2://my-basin/greetings\ns2kit tail -f s2://my-basin/greetings`}
        />
        <Snippet
          label="curl"
          text={`${curl({ endpoint: url, hasToken, method: "POST", path: "/basins", json: { basin: "my-basin", config: { create_stream_on_append: true } } })}\n${curl({ endpoint: url, hasToken, method: "POST", path: "/streams/greetings/records", basin: "my-basin", json: { records: [{ body: "hello" }] } })}`}
        />
        <Snippet
          label="TypeScript"
          text={program(
            url,
            hasToken,
            `await s2.basins.create({ basin: "my-basin" });
await s2.basin("my-basin").streams.create({ stream: "greetings" });
const stream = s2.basin("my-basin").stream("greetings");
await stream.append(AppendInput.create([AppendRecord.string({ body: "hello" })]));`,
          )}
        />
      </div>
    </section>
  );
}

/** Makes the basin and the stream, and writes to it for a while from this page. */
async function makeDemo(): Promise<void> {
  await ignoringTaken(call("createBasin", DEMO_BASIN, {}));
  await ignoringTaken(call("createStream", DEMO_BASIN, DEMO_STREAM, {}));
  await appendReading(0);
  void keepWriting();
}

async function keepWriting(): Promise<void> {
  for (let i = 1; i < DEMO_RECORDS; i++) {
    await sleep(systemClock, 700);
    try {
      await appendReading(i);
    } catch {
      return;
    }
  }
}

async function appendReading(i: number): Promise<void> {
  const place = PLACES[i % PLACES.length] ?? "";
  const reading = {
    place,
    celsius: Number((14 + 4 * Math.sin(i / 9) + (i % 4) / 3).toFixed(1)),
    wind: { knots: 6 + ((i * 7) % 11), from: ["SW", "W", "NW"][i % 3] },
  };
  await call("append", {
    basin: DEMO_BASIN,
    stream: DEMO_STREAM,
    records: [{ headers: [["kind", "reading"]], body: utf8.encode(JSON.stringify(reading)) }],
  });
}

async function ignoringTaken(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof CallError) || error.failure.code !== "resource_already_exists")
      throw error;
  }
}
