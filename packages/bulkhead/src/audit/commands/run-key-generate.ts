/** What `bulkhead audit key generate` does. */
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { addEnvironmentSecret } from '../../kernel/secret-file.ts';
import { generateSigningKey } from '../signer/signing-key.ts';
import { generateVaultKey } from '../vault/vault-key.ts';
import type { KeyGenerateInput } from './key-generate.ts';

const kinds = {
  vault: { generate: generateVaultKey, variable: 'AUDIT_VAULT_KEY', setting: 'audit.vaultKeys' },
  signing: {
    generate: generateSigningKey,
    variable: 'AUDIT_SIGNING_KEY',
    setting: 'audit.signingKeys',
  },
} as const;

export async function runKeyGenerate(
  io: CommandIo,
  { kind, file, name, print, force }: KeyGenerateInput,
): Promise<ExitCode> {
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
  io.line(`  Put it first in ${setting}, before any that is there already.`);
  io.result({
    kind,
    file: written.path,
    variable: name ?? variable,
    gitignoreAmended: written.ignored,
  });
  return exitCodes.done;
}
