/** Options that several of the log's commands take. */
import type { OptionDefinition } from '../../kernel/command.ts';

export const tenantOption: OptionDefinition = {
  flags: '--tenant <tenant>',
  summary: 'The tenant’s id or slug; `bulkhead-operators` for the operators’ own log.',
};
export const classOption: OptionDefinition = {
  flags: '--class <class>',
  summary: 'The retention class, which with the tenant names the log.',
};
export const reasonOption: OptionDefinition = {
  flags: '--reason <text>',
  summary: 'Why, for the record of operators’ crossings.',
};
export const vkeyOption: OptionDefinition = {
  flags: '--vkey <key>',
  summary: 'A verifier key of the log; those of audit.signingKeys unless given. Repeatable.',
  repeatable: true,
};
