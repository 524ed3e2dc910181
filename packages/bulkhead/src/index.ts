/** Bulkhead's one door. */
export { type BulkheadConfig, defineConfig } from './config.ts';
export {
  type AsOperatorOptions,
  type AsTenantOptions,
  type Bulkhead,
  createBulkhead,
} from './create-bulkhead.ts';
export type {
  Actor,
  ActorType,
  Context,
  OperatorContext,
  TenantContext,
  TenantId,
} from './isolation/index.ts';
export { generateContextKey } from './isolation/index.ts';
export { BulkheadError, isBulkheadError } from './kernel/errors.ts';
