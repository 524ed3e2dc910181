/**
 * Brings existing tables into isolation: read, plan, write a reviewed migration or apply it step by step.
 * The only door to this folder.
 */
export { type ApplyOptions, applyProtection, type ProtectProgress } from './apply-protection.ts';
export type { Catalog, TableInfo } from './catalog.ts';
export type { Note, Plan, ProtectRequest, Refusal, Stage, Step } from './plan.ts';
export { planProtection } from './plan-protection.ts';
export { probeData } from './probe-data.ts';
export { type ReadTablesOptions, readTables } from './read-tables.ts';
export { type RenderOptions, renderMigration } from './render-migration.ts';
