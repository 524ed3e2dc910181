/**
 * The user of the operating system that the server runs as.
 *
 * Promises: an ordinary user's server runs as that user; root's runs as an existing unprivileged one,
 * because PostgreSQL refuses root. Never creates a user.
 */
import { readFileSync } from 'node:fs';
import { embeddedError } from './errors.ts';

/** Whom a child process runs as; `undefined` wherever it appears means "as ourselves". */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** In order of preference; `_postgres` is macOS's name. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** @throws `kernel.embedded_user_missing` */
export function findUnprivilegedAccount(passwdFile = '/etc/passwd'): Account {
  const lines = readFileSync(passwdFile, 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    // macOS writes nobody's ids as -2; the unsigned shift makes that the uid_t which setuid takes.
    const uid = Number(fields?.[2]) >>> 0;
    const gid = Number(fields?.[3]) >>> 0;
    if (fields !== undefined && uid !== 0) return { uid, gid };
  }
  throw embeddedError('kernel.embedded_user_missing');
}
