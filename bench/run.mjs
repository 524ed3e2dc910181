/**
 * Brings the benchmarks up to date and runs them: `node bench/run.mjs [--quick] [--json] [--strict] …`.
 *
 * The built product is copied beside the peers, so that it shares one `pg` with them, as in an app that
 * has installed both. Needs `npm ci` at the root and in this folder, and `npm run build`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '..');
const product = join(root, 'packages/bulkhead');

function run(args, options = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: here,
    encoding: 'utf8',
    ...options,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  process.exit(status ?? 70);
}

for (const [path, remedy] of [
  [join(here, 'node_modules/prisma'), 'npm ci --prefix bench'],
  [join(product, 'dist/index.js'), 'npm run build'],
]) {
  if (existsSync(path)) continue;
  process.stderr.write(`The benchmarks are not installed yet: run \`${remedy}\` first.\n`);
  process.exit(69);
}

const copy = join(here, '.cache/bulkhead');
rmSync(copy, { recursive: true, force: true });
for (const part of ['package.json', 'dist']) {
  cpSync(join(product, part), join(copy, part), { recursive: true });
}

if (!existsSync(join(here, 'generated/prisma/client.ts'))) {
  // Generating needs no engine; naming one keeps Prisma from downloading it.
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  const schema = join(here, 'isolation/ways/schema.prisma');
  run([join(here, 'node_modules/prisma/build/index.js'), 'generate', '--schema', schema], { env });
}

run([join(root, 'node_modules/typescript/bin/tsc'), '-p', here]);
run(['--expose-gc', join(here, 'dist/main.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
