// Writes the types of `bulkhead/client` from the API's own description; with --check it only compares. Needs a
// build. Refusals are one type for all endpoints, so what each endpoint may refuse with is left to the reference.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capabilities } from '../packages/bulkhead/dist/capabilities.js';
import { apiDocument } from '../packages/bulkhead/dist/http/openapi/api-document.js';

const root = join(import.meta.dirname, '..');
const target = join(root, 'packages/bulkhead/src/client/api.generated.ts');
// The generator belongs to the package whose types it makes.
const resolve = createRequire(join(root, 'packages/bulkhead/package.json')).resolve;
const { default: openapiTS, astToString } = await import(
  pathToFileURL(resolve('openapi-typescript').replace(/\.cjs$/, '.mjs')).href
);

const errors = Object.assign({}, ...capabilities.map((room) => room.errors));
const document = apiDocument({ errors, version: '0', serverUrl: '/api/v1' });
const unkeyed = [];
for (const [path, methods] of Object.entries(document.paths)) {
  for (const operation of Object.values(methods)) {
    for (const status of Object.keys(operation.responses)) {
      if (!/^2/.test(status)) delete operation.responses[status];
    }
    if (operation['x-scope'] === 'public') unkeyed.push(path);
    // Headers are the client's own to send.
    operation.parameters = operation.parameters?.filter((parameter) => parameter.in !== 'header');
  }
}
document.components = {};

const text = `// Made by scripts/generate-client.mjs from the API's description: npm run client.
${astToString(await openapiTS(document))}
/** Codes that a problem may carry; a newer server may know more. */
export type ApiErrorCode =
${Object.keys(errors)
  .sort()
  .map((code) => `  | '${code}'`)
  .join('\n')};

/** Where an Idempotency-Key means nothing: a change that is sent there twice is two changes. */
export const unkeyedPaths: ReadonlySet<string> = new Set(${JSON.stringify(unkeyed.sort())});
`;
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
const formatted = execFileSync(
  process.execPath,
  [biome, 'format', '--stdin-file-path=packages/bulkhead/src/client/api.generated.ts'],
  { cwd: root, input: text, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
);

if (!process.argv.includes('--check')) await writeFile(target, formatted);
else if ((await readFile(target, 'utf8').catch(() => '')) !== formatted) {
  console.error('The client’s types are not what the API says: npm run client');
  process.exitCode = 1;
}
