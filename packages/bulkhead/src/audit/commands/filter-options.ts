/** The options of a filter, the same for searching and for streams. */
import { z } from 'zod';
import type { OptionDefinition } from '../../kernel/command.ts';
import type { SearchFilter } from '../search/filter.ts';
import { classOption } from './shared-options.ts';

export const filterOptions: readonly OptionDefinition[] = [
  {
    flags: '--from <time>',
    summary: 'Events that happened then or later, such as 2026-11-03T09:00:00Z.',
  },
  { flags: '--to <time>', summary: 'Events that happened before then.' },
  {
    flags: '--action <action>',
    summary: 'An action, or its first words: invoice.paid, "invoice.*". Repeatable.',
    repeatable: true,
  },
  {
    flags: '--actor <actor>',
    summary: 'Who acted: user:42, or a type alone. Repeatable.',
    repeatable: true,
  },
  {
    flags: '--target <target>',
    summary: 'What it was done to: note:7, or a type alone. Repeatable.',
    repeatable: true,
  },
  {
    flags: '--outcome <outcome>',
    summary: 'success, failure or denied. Repeatable.',
    repeatable: true,
  },
  { flags: '--text <words>', summary: 'Words that must all stand in the event, in any field.' },
  classOption,
];

export const filterInput = {
  from: z.string().optional(),
  to: z.string().optional(),
  action: z.array(z.string()).optional(),
  actor: z.array(z.string()).optional(),
  target: z.array(z.string()).optional(),
  outcome: z.array(z.string()).optional(),
  text: z.string().optional(),
  class: z.string().optional(),
};

type FilterInput = z.output<z.ZodObject<typeof filterInput>>;

/** As given; `readFilter` checks it. */
export function filterOf(input: FilterInput): SearchFilter {
  const { from, to, action, actor, target, outcome, text } = input;
  return { from, to, action, actor, target, outcome, text, class: input.class } as SearchFilter;
}
