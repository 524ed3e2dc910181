/**
 * The audit section of the configuration. It is optional as a whole; within it, what the log stands on (its
 * name and the key of the vault) has no default.
 */
import { z } from 'zod';
import { databaseUrlSchema } from '../kernel/config/index.ts';
import type { ActionCatalogue } from './catalogue/define-actions.ts';

const keySchema = (prefix: string, name: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}_[A-Za-z0-9_-]{43}$`),
      `must be ${name}: ${prefix}_ and 43 base64url characters`,
    );

export const auditSection = z.strictObject({
  origin: z
    .string()
    .max(200, 'must have at most 200 characters')
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(\/[a-z0-9._~-]+)*$/,
      'must be a name such as audit.notes.example: host, then perhaps a path, in lower case, without scheme',
    )
    .describe(
      'The first part of the names of your logs, under which verifiers know them: a name of your own on the internet, such as `audit.notes.example`. It never changes.',
    ),
  vaultKeys: z
    .array(keySchema('bhv1', 'a vault key'))
    .min(1, 'must hold at least one key; run `bulkhead audit key generate`')
    .max(8, 'must hold at most 8 keys')
    .describe(
      'Keys that wrap those of the vault, in which personal values lie; the first wraps, all unwrap. Secrets; the app needs them to show personal values, the sequencer to seal them.',
    ),
  signingKeys: z
    .array(keySchema('bha1', 'a signing key'))
    .max(8, 'must hold at most 8 keys')
    .default([])
    .describe(
      'Keys that sign checkpoints; all of them sign. Secrets that only the worker needs: leave them out of the configuration of everything else.',
    ),
  sequencerUrl: databaseUrlSchema
    .optional()
    .describe(
      'Where the worker connects to move recorded events into their logs, as `database.auditRole`; also where persons are erased.',
    ),
  signerUrl: databaseUrlSchema
    .optional()
    .describe('Where the worker connects to sign checkpoints, as `database.signerRole`.'),
  actions: z
    .custom<ActionCatalogue>(isCatalogue, 'must be what defineActions returned')
    .optional()
    .describe("The app's catalogue of actions, made by `defineActions`."),
  requests: z
    .enum(['none', 'changes', 'all'])
    .default('changes')
    .describe(
      'Which answered requests are recorded: none, those that may change something (all but GET, HEAD and OPTIONS), or all. Refused ones always are.',
    ),
  queueMax: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1_000_000, 'must be at most 1000000')
    .default(10_000)
    .describe(
      'How many events outside of transactions may wait to be committed. A full queue refuses with `audit.queue_full`; it never drops.',
    ),
});

export type AuditConfig = z.output<typeof auditSection>;
export type AuditConfigInput = z.input<typeof auditSection>;

function isCatalogue(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { actions?: unknown }).actions instanceof Map
  );
}
