/** A canvas knows no CSS: the tokens' values, read anew when the appearance changes. */
import { useEffect, useState } from 'react';

const names = [
  'ground',
  'surface',
  'line',
  'line-strong',
  'ink',
  'ink-soft',
  'ink-faint',
  'accent',
  'proven',
  'attention',
  'breach',
  'hull-cell',
  'hull-busy',
  'hull-wall',
] as const;

export type CanvasPalette = Readonly<Record<(typeof names)[number], string>>;

const read = (): CanvasPalette => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as CanvasPalette;
};

export function useCanvasPalette(): CanvasPalette {
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    // The same one while it says the same: whatever draws with it would draw again.
    const look = (): void =>
      setPalette((before) => {
        const now = read();
        return names.every((name) => before[name] === now[name]) ? before : now;
      });
    look();
    const watcher = new MutationObserver(look);
    watcher.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-mantine-color-scheme'],
    });
    return () => watcher.disconnect();
  }, []);
  return palette;
}

/** `#rrggbb` between two others. */
export function mix(from: string, to: string, share: number): string {
  const channel = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) =>
    Math.round(channel(from, at) + (channel(to, at) - channel(from, at)) * share),
  );
  return `rgb(${mixed.join(' ')})`;
}
