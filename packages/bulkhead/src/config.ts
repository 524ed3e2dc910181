/** The whole configuration, put together from the sections of the rooms that own them. */
import { z } from 'zod';
import { accessSection } from './access/config.ts';
import { auditSection } from './audit/config.ts';
import { httpSection } from './http/config.ts';
import { identitySection } from './identity/config.ts';
import { isolationSection } from './isolation/config.ts';
import { databaseSection, parseConfig } from './kernel/config/index.ts';

export const configSchema = z.strictObject({
  database: databaseSection.describe('The roles of the database.'),
  isolation: isolationSection.describe('Signed contexts and the statement guard.'),
  identity: identitySection.describe('Which tenant a request is for, and who sends it.'),
  audit: auditSection
    .optional()
    .describe('The audit log. Without this section nothing is recorded.'),
  access: accessSection
    .optional()
    .describe('Who may do what. Without this section there are no permissions but Bulkhead’s own.'),
  http: httpSection
    .optional()
    .describe('The control plane: its API and the console. Without this section there is none.'),
});

/** What an app writes into `bulkhead.config.mjs` and passes to `createBulkhead`. */
export type BulkheadConfig = z.input<typeof configSchema>;

/** The same with every default filled in. */
export type ResolvedConfig = z.output<typeof configSchema>;

/**
 * Gives a configuration file its types; returns its argument.
 *
 * @example
 * export default defineConfig({
 *   database: { appRole: 'notes_app' },
 *   isolation: { contextKeys: [process.env.BULKHEAD_CONTEXT_KEY] },
 *   identity: { tenantFrom: [{ from: 'subdomain', of: 'notes.example' }] },
 * });
 */
export function defineConfig(config: BulkheadConfig): BulkheadConfig {
  return config;
}

/** @throws `kernel.config_invalid`, listing every fault. */
export function resolveConfig(config: unknown): ResolvedConfig {
  return parseConfig(configSchema, config);
}
