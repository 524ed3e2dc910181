import { defineConfig } from 'vitest/config';
import { alias } from './vitest.config.ts';

/** Other servers, poolers and query layers in the versions a customer may have; slower than the rest. */
export default defineConfig({
  resolve: { alias },
  test: {
    root: import.meta.dirname,
    include: ['test/interop/**/*.test.ts', 'test/console/**/*.test.ts'],
    globalSetup: ['test/support/server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
