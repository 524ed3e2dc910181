import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const root = import.meta.dirname;

/** Tests run against the sources: a stale build never decides a result. */
export const alias = [
  { find: /^bulkhead$/, replacement: join(root, 'packages/bulkhead/src/index.ts') },
  {
    find: /^bulkhead\/embedded$/,
    replacement: join(root, 'packages/bulkhead/src/kernel/embedded/index.ts'),
  },
  {
    find: /^bulkhead\/attack$/,
    replacement: join(root, 'packages/bulkhead/src/isolation/attack/index.ts'),
  },
  {
    find: /^bulkhead\/client$/,
    replacement: join(root, 'packages/bulkhead/src/client/index.ts'),
  },
  { find: /^bulkhead-verify$/, replacement: join(root, 'packages/verify/src/index.ts') },
  { find: /^#test\/(.*)$/, replacement: join(root, 'test/support/$1.ts') },
];

export default defineConfig({
  resolve: { alias },
  test: {
    root,
    include: ['packages/**/src/**/*.test.ts', 'examples/**/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/interop/**', 'test/console/**'],
    globalSetup: ['test/support/server.ts'],
    pool: 'forks',
    // A file shares its worker's modules with the next: loading them anew cost as much as the tests.
    isolate: false,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
