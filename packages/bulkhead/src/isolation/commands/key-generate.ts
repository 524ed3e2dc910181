/** `bulkhead key generate`: a fresh context key, into a file that only its owner reads. */
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { addEnvironmentSecret } from '../../kernel/secret-file.ts';
import { generateContextKey, parseContextKey } from '../context-key.ts';

export const keyGenerate = defineCommand({
  name: 'key generate',
  summary: 'Generate a context key and write it to .env, unseen.',
  description:
    'Writes BULKHEAD_CONTEXT_KEY to an environment file (mode 0600) without printing it. With --print it goes to stdout instead, for a secret manager.',
  arguments: [],
  options: [
    { flags: '--file <path>', summary: 'The environment file.', default: '.env' },
    { flags: '--name <variable>', summary: 'The variable.', default: 'BULKHEAD_CONTEXT_KEY' },
    { flags: '--print', summary: 'Print the key to stdout and write no file.' },
    { flags: '--force', summary: 'Replace a key that is already there.' },
  ],
  examples: [
    { command: 'bulkhead key generate', summary: 'Adds the key to .env.' },
    {
      command: 'bulkhead key generate --print | vault kv put secret/notes key=-',
      summary: 'Hands it to a secret manager.',
    },
  ],
  input: z.strictObject({
    file: z.string(),
    name: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable'),
    print: z.boolean().optional(),
    force: z.boolean().optional(),
  }),
  run: async (io, { file, name, print, force }) => {
    const key = generateContextKey();
    const { kid } = parseContextKey(key);
    if (print) {
      io.line(key);
      io.result({ kid, key });
      return exitCodes.done;
    }
    const written = await addEnvironmentSecret({
      folder: io.cwd,
      file,
      name,
      value: key,
      replace: force === true,
    });
    io.line(`${io.paint.ok('✔')} Key ${kid} written to ${written.path} as ${name}.`);
    if (written.ignored) io.line(`${io.paint.warning('!')} ${file} was added to .gitignore.`);
    io.line('  Publish it before signing with it: bulkhead key install');
    io.result({ kid, file: written.path, variable: name, gitignoreAmended: written.ignored });
    return exitCodes.done;
  },
});
