/** Paints one frame of the hull. */
import type { CanvasPalette } from '../../charts/palette-of-canvas.ts';
import type { Box } from '../../charts/treemap.ts';
import { count } from '../../parts/time.ts';

export const FLASH_MS = 2_600;
const LABEL_WIDTH_MIN = 68;
const LABEL_HEIGHT_MIN = 30;

export interface HullCell {
  readonly id: string;
  readonly name: string;
  readonly events: number;
  readonly denials: number;
  readonly isDisabled: boolean;
  readonly busyness: number;
}

export interface HullFrame {
  readonly cells: readonly HullCell[];
  readonly boxes: readonly Box[];
  readonly width: number;
  readonly height: number;
  readonly palette: CanvasPalette;
  readonly colourOf: (busyness: number) => string;
  readonly flashes: ReadonlyMap<string, number>;
  readonly denied: ReadonlyMap<string, number>;
  readonly active: number;
  readonly isFocused: boolean;
  readonly isBreached: boolean;
  readonly now: number;
}

export function drawHull(context: CanvasRenderingContext2D, frame: HullFrame): void {
  const { cells, boxes, width, height, palette } = frame;
  const ratio = devicePixelRatio || 1;
  const { canvas } = context;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette['hull-wall'];
  context.fillRect(0, 0, width, height);
  const wall = wallWidth(cells.length);
  cells.forEach((cell, index) => {
    const box = boxes[index];
    if (box === undefined) return;
    context.fillStyle = frame.colourOf(cell.busyness);
    context.globalAlpha = cell.isDisabled ? 0.3 : 1;
    context.fillRect(
      box.x + wall / 2,
      box.y + wall / 2,
      Math.max(0.5, box.width - wall),
      Math.max(0.5, box.height - wall),
    );
    context.globalAlpha = 1;
    if (box.width > LABEL_WIDTH_MIN && box.height > LABEL_HEIGHT_MIN)
      label(context, cell, box, wall, palette);
  });
  cells.forEach((cell, index) => {
    const box = boxes[index];
    if (box !== undefined) marks(context, frame, cell, box, wall);
  });
  if (frame.isBreached) {
    context.strokeStyle = palette.breach;
    context.lineWidth = 3;
    context.strokeRect(1.5, 1.5, width - 3, height - 3);
  }
  const active = boxes[frame.active];
  if (active !== undefined) {
    context.strokeStyle = palette.accent;
    context.lineWidth = frame.isFocused ? 3 : 1.5;
    context.strokeRect(
      active.x + 1,
      active.y + 1,
      Math.max(2, active.width - 2),
      Math.max(2, active.height - 2),
    );
  }
}

/** Thick between few, a hair between thousands. */
function wallWidth(cells: number): number {
  if (cells <= 24) return 6;
  if (cells <= 400) return 3;
  return cells <= 1500 ? 2 : 1;
}

/** What hit the compartment's wall: a mark in its corner, and while it is fresh the whole wall. */
function marks(
  context: CanvasRenderingContext2D,
  frame: HullFrame,
  cell: HullCell,
  box: Box,
  wall: number,
): void {
  const { palette, now } = frame;
  const denials = cell.denials + (frame.denied.get(cell.id) ?? 0);
  if (denials > 0) {
    const size = Math.max(3, Math.min(9, Math.min(box.width, box.height) / 3));
    context.fillStyle = palette.attention;
    context.beginPath();
    context.moveTo(box.x + box.width - wall / 2, box.y + wall / 2);
    context.lineTo(box.x + box.width - wall / 2 - size, box.y + wall / 2);
    context.lineTo(box.x + box.width - wall / 2, box.y + wall / 2 + size);
    context.fill();
  }
  const at = frame.flashes.get(cell.id);
  const age = at === undefined ? FLASH_MS : now - at;
  if (age >= FLASH_MS) return;
  const fade = 1 - age / FLASH_MS;
  context.globalAlpha = fade;
  context.strokeStyle = palette.attention;
  context.lineWidth = 2 + 4 * fade;
  const inset = context.lineWidth / 2;
  context.strokeRect(
    box.x + inset,
    box.y + inset,
    Math.max(1, box.width - 2 * inset),
    Math.max(1, box.height - 2 * inset),
  );
  context.globalAlpha = 1;
}

function label(
  context: CanvasRenderingContext2D,
  cell: HullCell,
  box: Box,
  wall: number,
  palette: CanvasPalette,
): void {
  const isLarge = box.width > 180 && box.height > 96;
  const x = box.x + wall / 2 + (isLarge ? 16 : 8);
  const room = box.width - wall - (isLarge ? 32 : 14);
  context.textBaseline = 'alphabetic';
  context.font = `${isLarge ? '560 17px' : '500 12px'} "Inter Variable", sans-serif`;
  context.fillStyle = palette.ink;
  context.fillText(fit(context, cell.name, room), x, box.y + wall / 2 + (isLarge ? 30 : 18));
  if (box.height < 48) return;
  context.font = `400 ${isLarge ? 13 : 12}px "Inter Variable", sans-serif`;
  context.fillStyle = palette['ink-soft'];
  context.fillText(
    fit(
      context,
      isLarge ? `${count(cell.events, 'event')} today` : cell.events.toLocaleString('en'),
      room,
    ),
    x,
    box.y + wall / 2 + (isLarge ? 52 : 34),
  );
}

function fit(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return end <= 1 ? '' : `${text.slice(0, end)}…`;
}
