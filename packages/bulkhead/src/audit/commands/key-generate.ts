/**
 * `bulkhead audit key generate`: a fresh key of the log, into a file that only its owner reads.
 * `run-key-generate.ts` does the work.
 */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const input = z.strictObject({
  kind: z.enum(['vault', 'signing']),
  file: z.string(),
  name: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable')
    .optional(),
  print: z.boolean().optional(),
  force: z.boolean().optional(),
});
export type KeyGenerateInput = z.output<typeof input>;

export const auditKeyGenerate = defineCommand({
  name: 'audit key generate',
  summary: 'Generate a vault or a signing key and write it to .env, unseen.',
  description:
    'A vault key wraps the keys under which personal values lie; a signing key signs checkpoints. Writes AUDIT_VAULT_KEY or AUDIT_SIGNING_KEY to an environment file (mode 0600) without printing it. Losing the vault key is losing every personal value.',
  arguments: [{ name: 'kind', summary: 'vault or signing.', required: true }],
  options: [
    { flags: '--file <path>', summary: 'The environment file.', default: '.env' },
    { flags: '--name <variable>', summary: 'The variable, if another.' },
    { flags: '--print', summary: 'Print the key to stdout and write no file.' },
    { flags: '--force', summary: 'Replace a key that is already there.' },
  ],
  examples: [
    { command: 'bulkhead audit key generate vault', summary: 'Adds the vault key to .env.' },
    {
      command: 'bulkhead audit key generate signing --print | vault kv put secret/audit key=-',
      summary: 'Hands a signing key to a secret manager.',
    },
  ],
  input,
  run: async (io, given) => (await import('./run-key-generate.ts')).runKeyGenerate(io, given),
});
