/**
 * Puts a secret into an environment file.
 *
 * Promises: the file is readable by its owner alone before the secret is in it; a value that is there is
 * kept unless told otherwise; git ignores the file. Never shows the value.
 */
import { existsSync } from 'node:fs';
import { appendFile, chmod, open, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { kernelError } from './error-codes.ts';

const OWNER_ONLY = 0o600;

/** @throws `kernel.file_exists` when the variable has a value and `replace` is not set; `instead` says what to do then. */
export async function addEnvironmentSecret(options: {
  readonly folder: string;
  readonly file: string;
  readonly name: string;
  readonly value: string;
  readonly replace: boolean;
  readonly instead?: string;
}): Promise<{ readonly path: string; readonly ignored: boolean }> {
  const path = resolve(options.folder, options.file);
  const before = existsSync(path) ? await readFile(path, 'utf8') : '';
  const line = `${options.name}=${options.value}`;
  const present = new RegExp(`^(?:export\\s+)?${options.name}=.+$`, 'm');
  if (present.test(before) && !options.replace) {
    throw kernelError('kernel.file_exists', {
      message: `${path} already has a value for ${options.name}.`,
      ...(options.instead !== undefined && { next: options.instead }),
    });
  }
  const after = present.test(before)
    ? before.replace(present, () => line)
    : `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`;
  const ignored = await ignoreInGit(path);
  const handle = await open(path, 'a', OWNER_ONLY);
  try {
    await chmod(path, OWNER_ONLY);
    await handle.truncate(0);
    await handle.writeFile(after);
  } finally {
    await handle.close();
  }
  return { path, ignored };
}

/** True when `.gitignore` was amended. A pattern that already covers the file is recognised if it is plain. */
async function ignoreInGit(path: string): Promise<boolean> {
  const name = basename(path);
  const ignoreFile = join(dirname(path), '.gitignore');
  const text = existsSync(ignoreFile) ? await readFile(ignoreFile, 'utf8') : '';
  const covers = new Set([name, `/${name}`, '*', `${name}*`, '.env*', '*.env']);
  if (text.split(/\r?\n/).some((line) => covers.has(line.trim()))) return false;
  await appendFile(ignoreFile, `${text === '' || text.endsWith('\n') ? '' : '\n'}${name}\n`);
  return true;
}
