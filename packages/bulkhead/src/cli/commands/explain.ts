/**
 * `bulkhead explain`: what an error code or a configuration key means, from the pages in the package.
 * `run-explain.ts` does the work.
 */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const input = z.strictObject({ topic: z.string().optional() });
export type ExplainInput = z.output<typeof input>;

export const explain = defineCommand({
  name: 'explain',
  summary: 'Explain an error code or a configuration key.',
  description:
    'Prints the page of an error code, or what a configuration key or a whole section accepts. Without a topic it lists the error codes; `bulkhead explain config` lists every key.',
  arguments: [{ name: 'topic', summary: 'An error code, a key, a section, or `config`.' }],
  options: [],
  examples: [
    { command: 'bulkhead explain isolation.context_missing', summary: 'Prints its page.' },
    { command: 'bulkhead explain identity.jwt[].tenants', summary: 'Says what the key accepts.' },
  ],
  input,
  run: async (io, given) => (await import('./run-explain.ts')).runExplain(io, given),
});
