/**
 * Places the map: the app's role on the left, then what reads for others (views, functions), then what holds rows.
 * What is wrong comes first, so that it is seen without moving; a long list is folded into columns of even height.
 */
import type { ProvedObject } from '../../api/shapes.ts';

export interface Placed {
  readonly object: ProvedObject;
  readonly x: number;
  readonly y: number;
}

export const NODE = { width: 212, height: 36 };
const GAP_X = 28;
const GAP_Y = 8;
const LAYER_GAP = 132;
const ROWS_MIN = 8;

const READERS = new Set(['view', 'matview', 'function', 'procedure']);

/** What is proven of Bulkhead itself stands as one box: a map is of what somebody has made. */
export interface Fold {
  readonly schema: string;
  readonly objects: readonly ProvedObject[];
}

export interface Layout {
  readonly role: { readonly x: number; readonly y: number };
  readonly nodes: readonly Placed[];
  readonly fold: { readonly x: number; readonly y: number };
}

const FOLDED_SCHEMA = 'bulkhead';
const FOLDED_MIN = 6;

export function foldOwn(objects: readonly ProvedObject[]): {
  readonly shown: readonly ProvedObject[];
  readonly fold: Fold | undefined;
} {
  const isOwn = ({ object, verdict }: ProvedObject): boolean =>
    verdict === 'proven' && object.startsWith(`${FOLDED_SCHEMA}.`);
  const own = objects.filter(isOwn);
  if (own.length < FOLDED_MIN || own.length === objects.length)
    return { shown: objects, fold: undefined };
  return {
    shown: objects.filter((object) => !isOwn(object)),
    fold: { schema: FOLDED_SCHEMA, objects: own },
  };
}

export function layOut(objects: readonly ProvedObject[]): Layout {
  const readers = objects.filter(({ type }) => READERS.has(type));
  const holders = objects.filter(({ type }) => !READERS.has(type));
  const rows = Math.max(ROWS_MIN, Math.ceil(Math.sqrt(objects.length * 2.2)));
  let x = NODE.width + LAYER_GAP;
  const nodes: Placed[] = [];
  for (const layer of [readers, holders]) {
    if (layer.length === 0) continue;
    const columns = Math.ceil(layer.length / rows);
    const perColumn = Math.ceil(layer.length / columns);
    layer.forEach((object, index) => {
      const column = Math.floor(index / perColumn);
      nodes.push({
        object,
        x: x + column * (NODE.width + GAP_X),
        // Every other column half a row lower: what leads to it comes between the boxes before it, not out of one.
        y: ((index % perColumn) + (column % 2) / 2) * (NODE.height + GAP_Y),
      });
    });
    x += columns * (NODE.width + GAP_X) - GAP_X + LAYER_GAP;
  }
  const height = Math.max(NODE.height, ...nodes.map((node) => node.y + NODE.height));
  return {
    role: { x: 0, y: height / 2 - NODE.height / 2 },
    nodes,
    fold: { x: NODE.width + LAYER_GAP, y: height + 3 * GAP_Y },
  };
}
