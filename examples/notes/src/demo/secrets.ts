/** The demo's keys and passwords: made at the first start, kept in a file that only its owner may read. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateContextKey,
  generateCredentialKey,
  generateSigningKey,
  generateVaultKey,
} from 'bulkhead';
import type { NotesSecrets } from '../bulkhead-config.ts';
import type { RolePasswords } from '../database/roles.ts';

export interface DemoSecrets extends NotesSecrets {
  readonly passwords: RolePasswords;
}

export async function loadSecrets(folder: string): Promise<DemoSecrets> {
  const path = join(folder, 'secrets.json');
  const kept = await readKept(path);
  const random = () => randomBytes(24).toString('base64url');
  const secrets: DemoSecrets = {
    contextKey: generateContextKey(),
    credentialKey: generateCredentialKey(),
    vaultKey: generateVaultKey(),
    signingKey: generateSigningKey(),
    ...kept,
    passwords: {
      app: random(),
      operator: random(),
      audit: random(),
      signer: random(),
      identity: random(),
      ...kept.passwords,
    },
  };
  const text = `${JSON.stringify(secrets, null, 2)}\n`;
  await mkdir(folder, { recursive: true });
  // Written anew only where something was missing: what is there stays as it is.
  if (text !== `${JSON.stringify(kept, null, 2)}\n`) await writeFile(path, text, { mode: 0o600 });
  return secrets;
}

async function readKept(path: string): Promise<Partial<DemoSecrets>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<DemoSecrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {};
  }
}
