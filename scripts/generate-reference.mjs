// Writes the reference pages that the code itself knows best; with --check it only compares. Needs a build.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { capabilities } from '../packages/bulkhead/dist/capabilities.js';
import { loadCommands } from '../packages/bulkhead/dist/cli/commands.js';
import { cliReference } from '../packages/bulkhead/dist/cli/reference/cli-reference.js';
import { configReference } from '../packages/bulkhead/dist/cli/reference/config-reference.js';
import { errorReference } from '../packages/bulkhead/dist/cli/reference/error-reference.js';
import { configSchema } from '../packages/bulkhead/dist/config.js';

const pages = {
  'docs/reference/configuration.md': configReference(configSchema),
  'docs/reference/cli.md': cliReference(await loadCommands()),
  'docs/errors/README.md': errorReference(capabilities),
};

for (const [path, text] of Object.entries(pages)) {
  const target = join(import.meta.dirname, '..', path);
  if (process.argv.includes('--check')) {
    if ((await readFile(target, 'utf8').catch(() => '')) === text) continue;
    console.error(`${path} is not what the code says: npm run reference`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}
