/**
 * Generates the Prisma client of the tests, with the Prisma that is pinned in `bench/`, into a folder that git
 * ignores. Needs no network: the generated client is TypeScript, and the schema engine, which generating does
 * not use but would be downloaded, is named as a file that exists.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const installed = join(import.meta.dirname, '../../../bench/node_modules');
const generated = join(import.meta.dirname, 'generated');
const ADAPTER = '@prisma/adapter-pg';

export const isPrismaInstalled = existsSync(join(installed, 'prisma/package.json'));

export interface PrismaModules {
  readonly client: string;
  readonly adapter: string;
  /** The adapter as it is installed in `bench/`, with a copy of `pg` of its own. */
  readonly adapterWithOwnPg: string;
}

export async function generateClient(): Promise<PrismaModules> {
  await rm(generated, { recursive: true, force: true });
  await layOutModules();
  await promisify(execFile)(
    process.execPath,
    [
      join(installed, 'prisma/build/index.js'),
      'generate',
      '--schema',
      join(import.meta.dirname, 'schema.prisma'),
    ],
    {
      cwd: generated,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    },
  );
  return {
    client: join(generated, 'client/client.ts'),
    adapter: join(generated, 'node_modules', ADAPTER, 'dist/index.mjs'),
    adapterWithOwnPg: join(installed, ADAPTER, 'dist/index.mjs'),
  };
}

/**
 * An app has one copy of `pg`, that the adapter and Bulkhead share; `bench/` is installed apart and has its
 * own. So the adapter is copied to where it finds the workspace's, and the rest is linked.
 */
async function layOutModules(): Promise<void> {
  const modules = join(generated, 'node_modules');
  await mkdir(join(modules, '@prisma'), { recursive: true });
  const top = await readdir(installed);
  const scoped = await readdir(join(installed, '@prisma'));
  const names = [
    ...top.filter((name) => !name.startsWith('.') && !['pg', '@prisma'].includes(name)),
    ...scoped.map((name) => `@prisma/${name}`).filter((name) => name !== ADAPTER),
  ];
  await Promise.all(names.map((name) => symlink(join(installed, name), join(modules, name))));
  await cp(join(installed, ADAPTER), join(modules, ADAPTER), { recursive: true });
}
