/** `bulkhead credential-key generate`: a fresh credential key, into a file that only its owner reads. */
import { z } from 'zod';
import { type CommandDefinition, defineCommand, exitCodes } from '../../kernel/command.ts';
import { addEnvironmentSecret } from '../../kernel/secret-file.ts';
import { generateCredentialKey } from '../sign-in/credential-key.ts';

const generate = defineCommand({
  name: 'credential-key generate',
  summary: 'Generate a key for second factors and write it to .env, unseen.',
  description:
    'The secrets of authenticator apps lie under it, and recovery codes. Writes BULKHEAD_CREDENTIAL_KEY to an environment file (mode 0600) without printing it. Losing the key is losing every authenticator app.',
  arguments: [],
  options: [
    { flags: '--file <path>', summary: 'The environment file.', default: '.env' },
    { flags: '--name <variable>', summary: 'The variable.', default: 'BULKHEAD_CREDENTIAL_KEY' },
    { flags: '--print', summary: 'Print the key to stdout and write no file.' },
  ],
  examples: [
    { command: 'bulkhead credential-key generate', summary: 'Adds the key to .env.' },
    {
      command: 'bulkhead credential-key generate --name BULKHEAD_CREDENTIAL_KEY_2',
      summary: 'Adds the next one, to be listed before it.',
    },
    {
      command: 'bulkhead credential-key generate --print | vault kv put secret/notes key=-',
      summary: 'Hands it to a secret manager.',
    },
  ],
  input: z.strictObject({
    file: z.string(),
    name: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable'),
    print: z.boolean().optional(),
  }),
  run: async (io, { file, name, print }) => {
    const key = generateCredentialKey();
    if (print) {
      io.line(key);
      io.result({ key });
      return exitCodes.done;
    }
    const written = await addEnvironmentSecret({
      folder: io.cwd,
      file,
      name,
      value: key,
      // Replaced, it would take every authenticator with it.
      replace: false,
      instead: `Keep it, or all authenticator apps are lost. To change it, add another one under another name (--name ${name}_2), and list that one first in identity.credentialKeys.`,
    });
    io.line(`${io.paint.ok('✔')} A credential key was written to ${written.path} as ${name}.`);
    if (written.ignored) io.line(`${io.paint.warning('!')} ${file} was added to .gitignore.`);
    io.line('  Put it first in identity.credentialKeys, before any that is there already.');
    io.result({ file: written.path, variable: name, gitignoreAmended: written.ignored });
    return exitCodes.done;
  },
});

export const credentialKeyCommands: readonly CommandDefinition[] = [generate];
