// Fence and trim: what each does, what it will do now, and a confirmation by typing for what cannot
// be undone. Nothing is sent before it is confirmed.

import { useSignal } from "@preact/signals";
import { count, counted } from "../format/numbers.js";
import { parseTime } from "../format/times.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { TypedConfirmation } from "../parts/dialog.js";
import { TextField } from "../parts/fields.js";
import { Failed, failureIn, Loading } from "../parts/notices.js";
import type { Failure, StreamTarget } from "../protocol.js";
import { call } from "../state/bridge.js";
import { say } from "../state/dialogs.js";
import { useLoaded } from "../state/loaded.js";
import { fenceAs, trimAs } from "./control-as.js";

export function Control({ basin, stream }: StreamTarget) {
  const ends = useLoaded(async () => {
    const [{ tail }, first] = await Promise.all([
      call("checkTail", basin, stream),
      call("firstSeqNum", basin, stream),
    ]);
    return { first: first ?? tail.seqNum, tail: tail.seqNum };
  }, [basin, stream]);
  return (
    <div class="cards two scroll">
      <section class="card">
        <h2>Trim</h2>
        <p>
          Removes the records before a number, for good. It happens in the background, right after
          this is acknowledged.
        </p>
        {ends.failure !== undefined && <Failed failure={ends.failure} retry={ends.reload} />}
        {ends.value === undefined && ends.isLoading && <Loading what="the ends of the stream" />}
        {ends.value !== undefined && (
          <Trim basin={basin} stream={stream} {...ends.value} onDone={ends.reload} />
        )}
      </section>
      <section class="card">
        <h2>Fence</h2>
        <p>
          Sets a token. From then on an append that names another token is refused, so that a writer
          who was replaced cannot write any more. Appends that name none still go through.
        </p>
        <Fence basin={basin} stream={stream} />
      </section>
    </div>
  );
}

function Trim({
  basin,
  stream,
  first,
  tail,
  onDone,
}: StreamTarget & { readonly first: number; readonly tail: number; readonly onDone: () => void }) {
  const point = useSignal("");
  const token = useSignal("");
  const isAsking = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const number = /^[\d,]+$/.test(point.value.trim())
    ? Number(point.value.replaceAll(",", ""))
    : undefined;
  const removed = number === undefined ? 0 : Math.max(Math.min(number, tail) - first, 0);
  const isBeyond = number !== undefined && number > tail;
  const trim = async (): Promise<void> => {
    isAsking.value = false;
    failure.value = undefined;
    try {
      const ack = await call(
        "trim",
        basin,
        stream,
        number ?? 0,
        token.value === "" ? undefined : token.value,
      );
      say(`Trim is record ${count(ack.start.seqNum)}; ${counted(removed, "record")} go`);
      point.value = "";
      onDone();
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  const find = async (when: string): Promise<void> => {
    const timestamp = parseTime(when);
    if (timestamp === undefined) return;
    try {
      point.value = String(await firstAt(basin, stream, timestamp, tail));
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        isAsking.value = removed > 0 && !isBeyond;
      }}
    >
      <p class="num">
        {first === tail
          ? "The stream holds no records."
          : `The stream holds ${count(first)} to ${count(tail - 1)}: ${counted(tail - first, "record")}.`}
      </p>
      <TextField
        label="First number to keep"
        value={point.value}
        hint={`${count(first)} removes nothing, ${count(tail)} removes everything`}
        onChange={(value) => (point.value = value)}
      />
      <p class="actions start">
        <button type="button" class="quiet" onClick={() => (point.value = String(tail))}>
          Everything
        </button>
        {["1 h ago", "1 d ago", "7 d ago"].map((when) => (
          <button type="button" class="quiet" key={when} onClick={() => void find(when)}>
            Older than {when.replace(" ago", "")}
          </button>
        ))}
      </p>
      <TextField
        label="Fencing token in force"
        value={token.value}
        hint="only if the stream is fenced"
        onChange={(value) => (token.value = value)}
      />
      <p class={`effect ${removed > 0 ? "will" : ""}`} role="status">
        {number === undefined
          ? "Enter a number to see what goes."
          : isBeyond
            ? `The tail is ${count(tail)}: nothing beyond it can be removed yet.`
            : removed === 0
              ? "Removes nothing."
              : `Removes ${counted(removed, "record")}, ${count(first)} to ${count(first + removed - 1)}.`}
      </p>
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <p class="actions">
        <CopyAsButton make={() => trimAs({ basin, stream }, number ?? first, token.value)} />
        <button type="submit" class="danger" disabled={removed === 0 || isBeyond}>
          Trim…
        </button>
      </p>
      {isAsking.value && (
        <TypedConfirmation
          title={`Remove ${counted(removed, "record")}`}
          name={String(removed)}
          action="Remove them for good"
          onConfirm={() => void trim()}
          onClose={() => (isAsking.value = false)}
        >
          <p>
            Records {count(first)} to {count(first + removed - 1)} go and do not come back.
          </p>
        </TypedConfirmation>
      )}
    </form>
  );
}

async function firstAt(
  basin: string,
  stream: string,
  timestamp: number,
  tail: number,
): Promise<number> {
  return (await call("seqNumAt", basin, stream, timestamp)) ?? tail;
}

function Fence({ basin, stream }: StreamTarget) {
  const fresh = useSignal("");
  const held = useSignal("");
  const isAsking = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const size = new TextEncoder().encode(fresh.value).length;
  const fence = async (): Promise<void> => {
    isAsking.value = false;
    failure.value = undefined;
    try {
      const ack = await call(
        "fence",
        basin,
        stream,
        fresh.value,
        held.value === "" ? undefined : held.value,
      );
      say(
        fresh.value === ""
          ? "The fence is gone"
          : `Fenced; it is record ${count(ack.start.seqNum)}`,
      );
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        isAsking.value = true;
      }}
    >
      <TextField
        label="New token"
        value={fresh.value}
        hint={`${size} of 36 bytes; empty takes the fence away`}
        onChange={(value) => (fresh.value = value)}
      />
      <TextField
        label="Token in force"
        value={held.value}
        hint="if the stream is fenced; else leave it empty"
        onChange={(value) => (held.value = value)}
      />
      <p class="effect" role="status">
        {fresh.value === ""
          ? "Takes the fence away."
          : "Writers that name another token are refused from then on."}
      </p>
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <p class="actions">
        <CopyAsButton make={() => fenceAs({ basin, stream }, fresh.value, held.value)} />
        <button type="submit" class="danger" disabled={size > 36}>
          Fence…
        </button>
      </p>
      {isAsking.value && (
        <TypedConfirmation
          title="Fence this stream"
          name={stream}
          action={fresh.value === "" ? "Take the fence away" : "Fence"}
          onConfirm={() => void fence()}
          onClose={() => (isAsking.value = false)}
        >
          <p>Writers that hold another token stop at their next append.</p>
        </TypedConfirmation>
      )}
    </form>
  );
}
