// Sets of names, as the scope of a token gives them: one name, or all with a prefix. Pure.
// Spec: control-plane#access-tokens.

/** A set of names. Absent means none; the prefix `""` means all. */
export type ResourceSet = { readonly exact: string } | { readonly prefix: string };

/** True when the set names this resource. */
export function containsResource(set: ResourceSet | undefined, name: string): boolean {
  if (set === undefined) return false;
  if ("exact" in set) return set.exact !== "" && set.exact === name;
  return name.startsWith(set.prefix);
}

/** True for a set that names nothing: absent, or exactly `""`. */
export function isEmptyResourceSet(set: ResourceSet | undefined): boolean {
  return set === undefined || ("exact" in set && set.exact === "");
}

/** True when every name of the child is a name of the parent, now and ever. */
export function isResourceSubset(
  child: ResourceSet | undefined,
  parent: ResourceSet | undefined,
): boolean {
  if (child === undefined || isEmptyResourceSet(child)) return true;
  if (parent === undefined) return false;
  if ("exact" in child) return containsResource(parent, child.exact);
  return "prefix" in parent && child.prefix.startsWith(parent.prefix);
}
