// What is behind the port of a server, while it is held: opened once for all who ask, and given
// back when a port that could not be opened was alone in wanting it. Called by `server` alone.

import type { OpenRooms } from "./room-components.js";

type State =
  | { readonly kind: "closed" }
  | { readonly kind: "opening"; readonly opened: Promise<OpenRooms> }
  | { readonly kind: "open"; readonly rooms: OpenRooms }
  | { readonly kind: "given back"; readonly done: Promise<void> };

const CLOSED: State = { kind: "closed" };

export interface HeldRoomsComponents {
  /** @throws when nothing may be opened any more */
  requireOpenable(): void;
  open(): Promise<OpenRooms>;
  close(rooms: OpenRooms): Promise<void>;
}

export class HeldRooms {
  private readonly components: HeldRoomsComponents;
  private state: State = CLOSED;
  /** Somebody wants them with or without a port. */
  private isKept: boolean;

  /** @param isKept - they are never given back before the server closes */
  constructor(isKept: boolean, components: HeldRoomsComponents) {
    this.isKept = isKept;
    this.components = components;
  }

  get isOpen(): boolean {
    return this.state.kind === "open" || this.state.kind === "given back";
  }

  /** A port that cannot be opened leaves them open. */
  keep(): void {
    this.isKept = true;
  }

  /** Opens them, unless they are. A server that was open answers until it is closed. */
  async enter(): Promise<OpenRooms> {
    if (this.state.kind === "given back") await this.state.done;
    const { state } = this;
    if (state.kind === "open") return state.rooms;
    if (state.kind === "opening") return state.opened;
    this.components.requireOpenable();
    const opened = this.open();
    this.state = { kind: "opening", opened };
    return opened;
  }

  /** What is held once nothing is under way; undefined when there is nothing. */
  async settled(): Promise<OpenRooms | undefined> {
    if (this.state.kind === "given back") await this.state.done;
    const { state } = this;
    if (state.kind === "opening") return state.opened.catch(() => undefined);
    return state.kind === "open" ? state.rooms : undefined;
  }

  /** Unless somebody else wants them: the directory of a store must not stay locked. */
  async giveBack(): Promise<void> {
    const { state } = this;
    if (state.kind !== "open" || this.isKept) return;
    const done = this.components
      .close(state.rooms)
      .catch(() => undefined)
      .finally(() => {
        this.state = CLOSED;
      });
    this.state = { kind: "given back", done };
    await done;
  }

  private async open(): Promise<OpenRooms> {
    try {
      const rooms = await this.components.open();
      this.state = { kind: "open", rooms };
      return rooms;
    } catch (error) {
      this.state = CLOSED;
      throw error;
    }
  }
}
