/** How Bulkhead speaks to a terminal. */
export { type ColourSituation, createPaint, type Paint, wantsColour } from './paint.ts';
export { createProgress, type Progress, type ProgressTarget } from './progress.ts';
export { renderTable } from './table.ts';
