// A process that decides, as a deployment has several: it runs the build, and says each new answer once.

import { createRequire } from 'node:module';
import { createBulkhead } from '../../../packages/bulkhead/dist/index.js';

const pg = createRequire(new URL('../../../packages/bulkhead/package.json', import.meta.url))('pg');
const { config, appUrl, tenant, actor } = JSON.parse(process.argv[2]);
const bulkhead = createBulkhead(config);
bulkhead.protect(new pg.Pool({ connectionString: appUrl, max: 2 }));

let last;
for (;;) {
  const [answer] = await bulkhead.asTenant(
    tenant,
    () => bulkhead.access.canAll([{ permission: 'member:read' }]),
    { actor },
  );
  if (answer !== last) process.send({ answer });
  last = answer;
  await new Promise((resolve) => setTimeout(resolve, 2));
}
