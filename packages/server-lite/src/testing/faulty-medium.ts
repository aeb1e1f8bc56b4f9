// The medium under a disk that lies, in memory: what processes see, what is safe, and what lies
// between the two. It does what it is asked at once; see `crash-points` for what happens to calls,
// and `power-loss` for what a crash leaves of it.

interface Change {
  readonly at: number;
  /** Absent: the file was cut or grown to `at`. */
  readonly bytes?: Uint8Array;
}

/** A file apart from its names. */
export interface Inode {
  /** What processes see. */
  current: Uint8Array;
  /** What a power loss leaves, before `unsynced` is drawn from. */
  safe: Uint8Array;
  unsynced: Change[];
  /** A clone looks at the same bytes: whoever changes them takes a copy first. */
  isShared: boolean;
}

type NameChange =
  | { readonly kind: "set"; readonly path: string; readonly inode: Inode }
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly inode: Inode }
  | { readonly kind: "remove"; readonly path: string };

export class FaultyMedium {
  /** What processes see. */
  names: Map<string, Inode> = new Map();
  /** What a power loss leaves, before `nameChanges` is drawn from. */
  readonly safeNames: Map<string, Inode> = new Map();
  nameChanges: NameChange[] = [];
  private readonly directories = new Set<string>();

  makeDirectory(path: string): void {
    this.directories.add(path);
  }

  list(path: string): string[] {
    const prefix = `${path}/`;
    return [...this.names.keys()]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/"))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  inode(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw systemError("ENOENT", path);
    return inode;
  }

  open(path: string, mayCreate: boolean): Inode {
    const known = this.names.get(path);
    if (known !== undefined) return known;
    if (!mayCreate) throw systemError("ENOENT", `open ${path}`);
    const inode = inodeOf(new Uint8Array(0));
    this.names.set(path, inode);
    this.nameChanges.push({ kind: "set", path, inode });
    return inode;
  }

  rename(from: string, to: string): void {
    const inode = this.inode(from);
    this.names.delete(from);
    this.names.set(to, inode);
    this.nameChanges.push({ kind: "rename", from, to, inode });
  }

  remove(path: string): void {
    this.inode(path);
    this.names.delete(path);
    this.nameChanges.push({ kind: "remove", path });
  }

  syncDirectory(path: string): void {
    const isHere = (name: string): boolean => name.slice(0, name.lastIndexOf("/")) === path;
    const isOfDirectory = (change: NameChange): boolean => isHere(newNameOf(change));
    for (const change of this.nameChanges)
      if (isOfDirectory(change)) applyName(this.safeNames, change);
    this.nameChanges = this.nameChanges.filter((change) => !isOfDirectory(change));
  }

  /** Puts a file where it is safe. */
  place(path: string, bytes: Uint8Array): void {
    const inode = inodeOf(bytes);
    this.names.set(path, inode);
    this.safeNames.set(path, inode);
    // What a killed process did to the name is over: it must not come back at the next power loss.
    this.nameChanges = this.nameChanges.filter((change) => newNameOf(change) !== path);
  }

  /** Flips a bit at rest. */
  flip(path: string, offset: number, bit: number): void {
    const inode = this.inode(path);
    unshare(inode);
    for (const bytes of [inode.current, inode.safe])
      if (offset < bytes.length) bytes[offset] = (bytes[offset] as number) ^ (1 << bit);
  }

  /** Bytes of all files that have a name. */
  get usedBytes(): number {
    let used = 0;
    for (const { current } of new Set(this.names.values())) used += current.length;
    return used;
  }

  /** The same content, all of it safe. Bytes are copied once one side changes them. */
  clone(): FaultyMedium {
    const copy = new FaultyMedium();
    for (const [path, inode] of this.names) {
      const { current } = inode;
      inode.isShared = true;
      const twin: Inode = { current, safe: current, unsynced: [], isShared: true };
      copy.names.set(path, twin);
      copy.safeNames.set(path, twin);
    }
    for (const directory of this.directories) copy.directories.add(directory);
    return copy;
  }
}

/** Changes what processes see of a file; safe when it is settled. */
export function changeFile(inode: Inode, at: number, bytes?: Uint8Array): Change {
  const made: Change = bytes === undefined ? { at } : { at, bytes: bytes.slice() };
  applyChange(inode, "current", made);
  inode.unsynced.push(made);
  return made;
}

/** Brings all of a file to where it is safe. */
export function settle(inode: Inode): void {
  for (const change of inode.unsynced) applyChange(inode, "safe", change);
  inode.unsynced = [];
}

/** A durable write brings what it lies on to the medium, and nothing else of the file. */
export function settleWrite(inode: Inode, write: Change): void {
  const isUnder = (change: Change): boolean =>
    change.bytes === undefined ||
    (change.at < write.at + (write.bytes?.length ?? 0) &&
      write.at < change.at + change.bytes.length);
  const settled = inode.unsynced.filter(isUnder);
  for (const change of settled) applyChange(inode, "safe", change);
  inode.unsynced = inode.unsynced.filter((change) => !settled.includes(change));
}

function inodeOf(bytes: Uint8Array): Inode {
  return { current: bytes.slice(), safe: bytes.slice(), unsynced: [], isShared: false };
}

function unshare(inode: Inode): void {
  if (!inode.isShared) return;
  inode.current = inode.current.slice();
  inode.safe = inode.safe.slice();
  inode.isShared = false;
}

function newNameOf(change: NameChange): string {
  return change.kind === "rename" ? change.to : change.path;
}

export function applyChange(inode: Inode, side: "current" | "safe", change: Change): void {
  const { at, bytes } = change;
  unshare(inode);
  const end = bytes === undefined ? at : Math.max(inode[side].length, at + bytes.length);
  if (end !== inode[side].length) {
    const resized = new Uint8Array(end);
    resized.set(inode[side].subarray(0, end));
    inode[side] = resized;
  }
  if (bytes !== undefined) inode[side].set(bytes, at);
}

export function applyName(names: Map<string, Inode>, change: NameChange): void {
  switch (change.kind) {
    case "set":
      names.set(change.path, change.inode);
      return;
    case "rename":
      names.delete(change.from);
      names.set(change.to, change.inode);
      return;
    case "remove":
      names.delete(change.path);
  }
}

export function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${what}`), { code });
}
