/** `bulkhead key install`: publishes the configured keys, before anything signs with them. */
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';

export const keyInstall = defineCommand({
  name: 'key install',
  summary: 'Publish the configured context keys in the database.',
  description:
    'Puts the HMAC pads of every key in isolation.contextKeys into the database. Install a new key everywhere, replicas included, before the app signs with it. A revoked key stays revoked.',
  arguments: [],
  options: [],
  examples: [{ command: 'bulkhead key install', summary: 'Publishes what the configuration has.' }],
  input: z.strictObject({}),
  run: async (io) => {
    const { withAdminClient } = await import('../../kernel/migrations/index.ts');
    const { isolationSection } = await import('../config.ts');
    const { publishContextKey } = await import('../publish-key.ts');
    const { contextKeys } = await io.section('isolation', isolationSection);
    const installed = await withAdminClient(io, async (client) => {
      const kids: string[] = [];
      for (const key of contextKeys) kids.push(await publishContextKey(client, key));
      return kids;
    });
    for (const kid of installed) io.line(`${io.paint.ok('✔')} Key ${kid} is in the database.`);
    io.result({ installed });
    return exitCodes.done;
  },
});
