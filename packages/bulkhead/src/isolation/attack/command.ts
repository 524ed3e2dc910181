/** `bulkhead attack` as the command line knows it: its words and what they may be. `run-attack.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const SEED_MAX = 2 ** 31 - 1;

const wholeNumber = (max: number) =>
  z.coerce.number().int('must be a whole number').min(1, 'must be at least 1').max(max);

const input = z.strictObject({
  tenant: z.string().min(1).max(200).optional(),
  tenantColumn: z
    .string()
    .regex(/^[^\s"']{1,63}$/, 'must be a column name')
    .optional(),
  driver: z.enum(['pool', 'raw', 'both']).default('both'),
  seconds: wholeNumber(86_400).optional(),
  statements: wholeNumber(100_000_000).optional(),
  seed: z.coerce.number().int('must be a whole number').min(0).max(SEED_MAX).optional(),
  family: z.array(z.string()).optional(),
  list: z.boolean().optional(),
  destructive: z.boolean().optional(),
});

export type AttackInput = z.output<typeof input>;

export const attackCommand = defineCommand({
  name: 'attack',
  summary: 'Attack the app’s protected pool and raw role, and report what crosses.',
  description:
    'Sends thousands of hostile and random statements as one tenant, through the protected pool and in a plain session as the app’s role, and looks for any byte or row of another tenant’s. What writes is rolled back. Run it on a copy or a staging system: rows that others change meanwhile count as changed. Ends with 1 when something crossed.',
  arguments: [],
  options: [
    {
      flags: '--tenant <tenant>',
      summary: 'Attack as this tenant (id or slug); else one with rows in most tables.',
    },
    {
      flags: '--tenant-column <name>',
      summary: 'The column that says whose a row is (default: tenant_id).',
    },
    {
      flags: '--driver <which>',
      summary: 'Through the pool, as the raw role, or both.',
      choices: ['pool', 'raw', 'both'],
      default: 'both',
    },
    {
      flags: '--seconds <number>',
      summary: 'Go on for so long (default: until done, at most 60).',
    },
    { flags: '--statements <number>', summary: 'Make so many attempts.' },
    { flags: '--seed <number>', summary: 'Repeat a run: the same seed makes the same attempts.' },
    {
      flags: '--family <name>',
      summary: 'Only this family; may be given several times.',
      repeatable: true,
    },
    { flags: '--list', summary: 'List the families and attack nothing.' },
    {
      flags: '--destructive',
      summary: 'Also end this command’s own database sessions while they are used.',
    },
  ],
  examples: [
    { command: 'bulkhead attack', summary: 'Tries everything, by both ways in.' },
    {
      command: 'bulkhead attack --tenant acme --seconds 300',
      summary: 'Attacks as acme for five minutes.',
    },
    {
      command: 'bulkhead attack --driver raw --family "function abuse"',
      summary: 'Only calls functions, as a stolen credential.',
    },
    { command: 'bulkhead attack --json > attack.json', summary: 'Keeps the whole report.' },
  ],
  input,
  // Loaded when it runs, so that other commands start without it.
  run: async (io, given) => (await import('./run-attack.ts')).runAttack(io, given),
});
