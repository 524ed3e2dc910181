/**
 * The hull's plan: one rectangle for each weight, squarified (Bruls, Huizing, van Wijk), in the order given.
 *
 * Promises: every weight gets a place, the places cover the whole and don't overlap. Linear in practice: five
 * thousand take a few milliseconds.
 */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** @param weights above zero, the largest first: order decides how square the boxes become */
export function planHull(weights: readonly number[], width: number, height: number): Box[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const scale = sum === 0 ? 0 : (width * height) / sum;
  const boxes: Box[] = [];
  let free: Box = { x: 0, y: 0, width, height };
  let start = 0;
  while (start < weights.length) {
    const side = Math.min(free.width, free.height);
    let end = start;
    let area = 0;
    let worst = Number.POSITIVE_INFINITY;
    const first = (weights[start] ?? 0) * scale;
    while (end < weights.length) {
      const grown = area + (weights[end] ?? 0) * scale;
      const last = (weights[end] ?? 0) * scale;
      const ratio = Math.max(
        (side * side * first) / (grown * grown),
        (grown * grown) / (side * side * last),
      );
      if (ratio > worst) break;
      worst = ratio;
      area = grown;
      end += 1;
    }
    const depth = side === 0 ? 0 : area / side;
    const isColumn = free.width >= free.height;
    let at = isColumn ? free.y : free.x;
    for (let index = start; index < end; index += 1) {
      const length = area === 0 ? 0 : ((weights[index] ?? 0) * scale * side) / area;
      boxes.push(
        isColumn
          ? { x: free.x, y: at, width: depth, height: length }
          : { x: at, y: free.y, width: length, height: depth },
      );
      at += length;
    }
    free = isColumn
      ? {
          x: free.x + depth,
          y: free.y,
          width: Math.max(0, free.width - depth),
          height: free.height,
        }
      : {
          x: free.x,
          y: free.y + depth,
          width: free.width,
          height: Math.max(0, free.height - depth),
        };
    start = end;
  }
  return boxes;
}

export const boxAt = (boxes: readonly Box[], x: number, y: number): number =>
  boxes.findIndex(
    (box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
  );

/** The nearest box in a direction, as the arrow keys walk. */
export function neighbour(boxes: readonly Box[], from: number, dx: number, dy: number): number {
  const here = boxes[from];
  if (here === undefined) return boxes.length > 0 ? 0 : -1;
  const centre = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const start = centre(here);
  let best = from;
  let bestScore = Number.POSITIVE_INFINITY;
  boxes.forEach((box, index) => {
    if (index === from) return;
    const { x, y } = centre(box);
    const along = (x - start.x) * dx + (y - start.y) * dy;
    const across = Math.abs((x - start.x) * dy) + Math.abs((y - start.y) * dx);
    const score = along + across * 2;
    if (along > 0.5 && score < bestScore) {
      bestScore = score;
      best = index;
    }
  });
  return best;
}
