/** `bulkhead serve`: the control plane in a process of its own. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const input = z.strictObject({
  port: z.coerce.number().int().min(0).max(65_535).default(4_600),
  host: z.string().min(1).default('127.0.0.1'),
  worker: z.boolean().default(false),
});
export type ServeInput = z.output<typeof input>;

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'Serve the control plane: its API and the console.',
  description:
    'Needs the sections http (with databaseUrl) and audit, and isolation.operatorUrl. Any number of processes may serve behind one address; one of them counts, proves and verifies. SIGTERM ends it when the requests under way are answered.',
  arguments: [],
  options: [
    {
      flags: '--port <number>',
      summary: 'The port to listen on; 0 for a free one.',
      default: '4600',
    },
    { flags: '--host <address>', summary: 'The address to listen on.', default: '127.0.0.1' },
    { flags: '--worker', summary: 'Do what `bulkhead work` does in this process too.' },
  ],
  examples: [
    { command: 'bulkhead serve', summary: 'Serves on http://127.0.0.1:4600.' },
    {
      command: 'bulkhead serve --host 0.0.0.0 --port 8080 --worker',
      summary: 'Serves a small installation whole.',
    },
  ],
  input,
  // The server and all behind it load when it serves, not with every other command.
  run: async (io, options) => (await import('./run-serve.ts')).runServe(io, options),
});
