/** `bulkhead audit key generate`: a fresh key of the log, into a file that only its owner reads. */
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { addEnvironmentSecret } from '../../kernel/secret-file.ts';
import { generateSigningKey } from '../signer/signing-key.ts';
import { generateVaultKey } from '../vault/vault-key.ts';

const kinds = {
  vault: { generate: generateVaultKey, variable: 'AUDIT_VAULT_KEY', setting: 'audit.vaultKeys' },
  signing: {
    generate: generateSigningKey,
    variable: 'AUDIT_SIGNING_KEY',
    setting: 'audit.signingKeys',
  },
} as const;

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
  input: z.strictObject({
    kind: z.enum(['vault', 'signing']),
    file: z.string(),
    name: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable')
      .optional(),
    print: z.boolean().optional(),
    force: z.boolean().optional(),
  }),
  run: async (io, { kind, file, name, print, force }) => {
    const { generate, variable, setting } = kinds[kind];
    const key = generate();
    if (print) {
      io.line(key);
      io.result({ kind, key });
      return exitCodes.done;
    }
    const written = await addEnvironmentSecret({
      folder: io.cwd,
      file,
      name: name ?? variable,
      value: key,
      replace: force === true,
    });
    io.line(
      `${io.paint.ok('✔')} A ${kind} key was written to ${written.path} as ${name ?? variable}.`,
    );
    if (written.ignored) io.line(`${io.paint.warning('!')} ${file} was added to .gitignore.`);
    io.line(`  Put it first in ${setting}, and keep the old one behind it.`);
    io.result({
      kind,
      file: written.path,
      variable: name ?? variable,
      gitignoreAmended: written.ignored,
    });
    return exitCodes.done;
  },
});
