// The console, type-checked and built into the package that serves it. Skipped when neither its sources nor any
// dependency changed since the last time, which a hash of them all tells. Prints only what went wrong.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'packages/console');
const built = join(root, 'packages/bulkhead/dist/console/index.html');
const stamp = join(root, '.cache/console.sha256');

const inputs = [
  ...readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(join(source, 'node_modules'))),
  // What it says to the control plane is checked against the API's description.
  join(root, 'packages/bulkhead/src/client/api.generated.ts'),
  join(root, 'packages/bulkhead/src/client/endpoint.ts'),
  join(root, 'package-lock.json'),
  join(root, 'tsconfig.base.json'),
  import.meta.filename,
].sort();

const hash = createHash('sha256');
for (const file of inputs) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
const now = hash.digest('hex');

if (!existsSync(built) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== now) {
  rmSync(stamp, { force: true });
  run('node_modules/typescript/bin/tsc', '-p', 'packages/console');
  run('node_modules/vite/bin/vite.js', 'build', 'packages/console', '--logLevel', 'warn');
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, now);
}

function run(script, ...options) {
  const { status } = spawnSync(process.execPath, [script, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
