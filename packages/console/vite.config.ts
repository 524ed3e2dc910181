import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the API answers while the console is worked on: `BULKHEAD_API=http://localhost:3000 npx vite`. */
const api = process.env.BULKHEAD_API ?? 'http://localhost:3000';

export default defineConfig({
  root: import.meta.dirname,
  // Relative, because the console stands wherever an app mounts it: index.html's <base> says where.
  base: './',
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, '../bulkhead/dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // A page's policy allows no data: fonts or scripts; pictures inlined are so small that it's no gain.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: 'manifest.json',
    license: { fileName: 'licenses.md' },
  },
  server: { port: 5179, proxy: { '/api': api } },
});
