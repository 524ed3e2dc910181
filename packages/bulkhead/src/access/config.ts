/** The access section of the configuration; optional as a whole. */
import { z } from 'zod';
import type { PermissionCatalogue } from './permissions/define-permissions.ts';

const KINDS_MAX = 32;

export const accessSection = z.strictObject({
  permissions: z
    .custom<PermissionCatalogue>(isCatalogue, 'must be what definePermissions returned')
    .optional()
    .describe(
      "The app's own permissions, made by `definePermissions`; `bulkhead migrate` publishes them.",
    ),
  kinds: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be a word in lower case, such as document')
        .refine((kind) => !['tenant', 'workspace', 'project'].includes(kind), 'is there already'),
    )
    .max(KINDS_MAX)
    .refine((kinds) => new Set(kinds).size === kinds.length, 'names a kind twice')
    .default([])
    .describe(
      'Kinds of nodes below tenant, workspace and project, from the top down: `["board", "card"]`. A node stands below one of an earlier kind.',
    ),
  maxAgeMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(1_000)
    .describe(
      'How old what a process remembers of the database may be while it cannot hear of changes, in milliseconds.',
    ),
  cacheBytes: z
    .int()
    .min(1_000_000)
    .max(64_000_000_000)
    .default(128_000_000)
    .describe(
      'How much memory what is remembered of actors and trees may take, in bytes; who was used longest ago is forgotten first.',
    ),
});

export type AccessConfig = z.output<typeof accessSection>;
export type AccessConfigInput = z.input<typeof accessSection>;

function isCatalogue(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { permissions?: unknown }).permissions instanceof Map
  );
}
