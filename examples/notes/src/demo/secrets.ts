/** The demo's keys and passwords: made at the first start, kept in a file that only its owner may read. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateContextKey } from 'bulkhead';
import type { NotesSecrets } from '../bulkhead-config.ts';
import type { RolePasswords } from '../database/roles.ts';

export interface DemoSecrets extends NotesSecrets {
  readonly passwords: RolePasswords;
}

export async function loadSecrets(folder: string): Promise<DemoSecrets> {
  const path = join(folder, 'secrets.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DemoSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const random = () => randomBytes(24).toString('base64url');
  const secrets: DemoSecrets = {
    contextKey: generateContextKey(),
    sessionSecret: random(),
    passwords: { app: random(), operator: random() },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return secrets;
}
