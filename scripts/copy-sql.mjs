// `tsc` emits only JavaScript and types; the .sql files a room reads beside its code are copied here.
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

for (const workspace of ['packages/bulkhead', 'examples/notes']) {
  const source = join(workspace, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /^(?!.*testdata).*\.sql$/.test(name))) {
    cpSync(join(source, file), join(workspace, 'dist', file));
  }
}
