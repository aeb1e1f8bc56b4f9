// The parts of a place, each with an address of its own.
// Links, so that a part can be opened beside another.

export function Tabs<K extends string>({
  tabs,
  current,
  href,
}: {
  readonly tabs: readonly (readonly [key: K, name: string])[];
  readonly current: K;
  readonly href: (key: K) => string;
}) {
  return (
    <nav class="tabs" aria-label="Parts">
      {tabs.map(([key, name]) => (
        <a key={key} href={href(key)} aria-current={key === current ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
