// What must hold of a tree before it is published: one line for each gap. Looks at manifests and texts only; the
// rehearsal does what only doing can show.

/** @typedef {{ folder: string, manifest: Record<string, any>, changelog: string | undefined, hasLicence: boolean }} Candidate */

const FIELDS = ["name", "version", "description", "license", "engines", "files", "publishConfig"];

/**
 * @param {readonly Candidate[]} candidates - the public packages, after their versions were set
 * @param {readonly string[]} changesets - names of those that are left
 * @returns {string[]}
 */
export function gapsOf(candidates, changesets) {
  const versions = new Set(candidates.map(({ manifest }) => manifest.version));
  return [
    ...(candidates.length === 0 ? ["no public package"] : []),
    ...(versions.size > 1 ? [`more than one version: ${[...versions].join(", ")}`] : []),
    ...changesets.map((name) => `a changeset that became no version: ${name}`),
    ...candidates.flatMap(gapsOfOne),
  ];
}

function gapsOfOne({ folder, manifest, changelog }) {
  const version = manifest.version;
  return [
    ...FIELDS.filter((field) => manifest[field] === undefined).map((field) => `no ${field}`),
    ...(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && version !== "0.0.0"
      ? []
      : [`version ${version}`]),
    ...(manifest.publishConfig?.access === "public" ? [] : ["is not published for all"]),
    ...(changelog?.includes(`## ${version}\n`) ? [] : [`no entry ${version} in CHANGELOG.md`]),
    ...(manifest.scripts?.install || manifest.scripts?.postinstall
      ? ["has an install script"]
      : []),
  ].map((gap) => `${folder}: ${gap}`);
}

/**
 * Gaps of what a registry was given.
 *
 * @param {ReadonlyMap<string, { versions: Record<string, any>, tags: Record<string, string> }>} packages - as published
 * @param {readonly string[]} names - what should be there
 * @param {string} version
 */
export function gapsOfPublished(packages, names, version) {
  return names.flatMap((name) => {
    const published = packages.get(name);
    if (published === undefined) return [`${name}: was not published`];
    const manifest = published.versions[version];
    if (manifest === undefined) return [`${name}: was not published as ${version}`];
    const ranges = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    );
    return [
      ...(published.tags.latest === version ? [] : [`${name}: latest is ${published.tags.latest}`]),
      ...ranges
        .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
        .map(([other, range]) => `${name}: nobody can install ${other} ${range}`),
      ...ranges
        .filter(([other]) => names.includes(other))
        .filter(([, range]) => !range.endsWith(version))
        .map(([other, range]) => `${name}: asks for ${other} ${range}, which is not this release`),
    ];
  });
}
