// `tsc` emits only JavaScript and types. What the built packages read besides is copied here: the .sql files
// that lie beside a room's code, and the documentation, which `bulkhead explain` shows.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

function copy(source, target, wanted) {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => wanted.test(name))) {
    cpSync(join(source, file), join(target, file));
  }
}

for (const workspace of ['packages/bulkhead', 'examples/notes']) {
  copy(join(workspace, 'src'), join(workspace, 'dist'), /^(?!.*testdata).*\.sql$/);
}

// A page that was renamed must not stay behind.
rmSync('packages/bulkhead/dist/docs', { recursive: true, force: true });
copy('docs', 'packages/bulkhead/dist/docs', /\.md$/);
