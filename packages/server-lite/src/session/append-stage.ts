// How far an append session is. It only goes forward, and says when input ends and when all does.
// Spec: data-plane#append-session.

import { assert, type S2Error } from "@s2kit/core";

/**
 * ```
 *   open ---- half close ----> ending ---- all is taken ----> closing ---- all is acked ----> over
 *     \________ a failure, or the client is gone _______________^
 * ```
 */
type Stage =
  /** Input comes, and takes effect. */
  | { readonly kind: "open" }
  /** The client has ended its side; what came before takes effect. */
  | { readonly kind: "ending" }
  /** No more input takes effect; what was accepted is acknowledged, then the failure is told. */
  | Closing
  | { readonly kind: "over" };

interface Closing {
  readonly kind: "closing";
  readonly failure: S2Error | undefined;
}

const OPEN: Stage = { kind: "open" };
const ENDING: Stage = { kind: "ending" };
const OVER: Stage = { kind: "over" };
const ORDER: readonly Stage["kind"][] = ["open", "ending", "closing", "over"];

export interface AppendStageListener {
  /** Once: from now on no input takes effect. */
  onInputClosed(): void;
  /** Once, behind `onInputClosed`. */
  onOver(): void;
}

export class AppendStage {
  private readonly listener: AppendStageListener;
  private stage: Stage = OPEN;

  constructor(listener: AppendStageListener) {
    this.listener = listener;
  }

  get takesInput(): boolean {
    const { kind } = this.stage;
    return kind === "open" || kind === "ending";
  }

  get isEnding(): boolean {
    return this.stage.kind === "ending";
  }

  get isOver(): boolean {
    return this.stage.kind === "over";
  }

  /** While closing, with what the client is to be told. */
  get closing(): Closing | undefined {
    return this.stage.kind === "closing" ? this.stage : undefined;
  }

  /** The client has ended its side. */
  halfClose(): void {
    if (this.stage.kind === "open") this.enter(ENDING);
  }

  /** @param failure - what the client is told; the first one counts */
  close(failure: S2Error | undefined): void {
    const { stage } = this;
    if (stage.kind === "over") return;
    if (stage.kind === "closing" && stage.failure !== undefined) return;
    this.enter({ kind: "closing", failure });
  }

  end(): void {
    if (!this.isOver) this.enter(OVER);
  }

  /** The one place where the stage changes. */
  private enter(stage: Stage): void {
    const { takesInput } = this;
    const isForward = ORDER.indexOf(stage.kind) >= ORDER.indexOf(this.stage.kind);
    assert(isForward, "a session only goes forward");
    this.stage = stage;
    if (takesInput && !this.takesInput) this.listener.onInputClosed();
    if (stage.kind === "over") this.listener.onOver();
  }
}
