// Locations: where a basin may live. A self-hosted server has one of its own naming.
// Spec: control-plane#locations.

/** A place where basins may live. */
export interface LocationInfo {
  readonly name: string;
  /** True for locations that only entitled accounts see. */
  readonly isPrivate: boolean;
  /** Storage classes that streams may have there; undefined where a server does not tell. */
  readonly storageClasses?: readonly string[] | undefined;
  /** The class of a stream that names none; undefined where a server does not tell. */
  readonly defaultStorageClass?: string | undefined;
}
