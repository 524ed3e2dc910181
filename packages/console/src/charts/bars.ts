/**
 * Bars of a chart as one path for each kind, in units of the chart: a slot is one wide, however wide the chart is. So
 * it is drawn without asking how large it is, and has as many elements as it has colours.
 */

const WIDTH = 0.88;

/** @param spans top and bottom of each slot's bar; `undefined` where there is none */
export const barsPath = (
  spans: readonly (readonly [top: number, bottom: number] | undefined)[],
): string =>
  spans
    .map((span, at) =>
      span === undefined
        ? ''
        : `M${at + (1 - WIDTH) / 2} ${round(span[1])}h${WIDTH}V${round(span[0])}h-${WIDTH}z`,
    )
    .join('');

const round = (pixels: number): number => Math.round(pixels * 10) / 10;

interface Pointed {
  readonly clientX: number;
  readonly currentTarget: Element;
}

/** How far along the chart the pointer is, from 0 to 1. */
export function shareAt({ clientX, currentTarget }: Pointed): number {
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.min(1, Math.max(0, (clientX - left) / Math.max(1, width)));
}

/** Which slot it is over. */
export const slotAt = (pointed: Pointed, slots: number): number =>
  Math.min(slots - 1, Math.floor(shareAt(pointed) * slots));
