/** The query bar's language: `outcome:denied actor:user:42 action:invoice.*` and words; and what it means to the API. */
import type { Query } from '../../api/request.ts';
import type { AuditSearch } from '../../search-params.ts';

export const fields = ['action', 'actor', 'target', 'outcome'] as const;
export type Field = (typeof fields)[number];

export interface Chip {
  readonly field: Field | 'text';
  readonly value: string;
}

export const chipsOf = (search: AuditSearch): readonly Chip[] => [
  ...fields.flatMap((field) => (search[field] ?? []).map((value): Chip => ({ field, value }))),
  ...(search.text === undefined ? [] : [{ field: 'text' as const, value: search.text }]),
];

/** A chip out of what was typed: `actor:user:42` or words. */
export function readChip(typed: string): Chip {
  const found = /^(action|actor|target|outcome):(.+)$/.exec(typed.trim());
  return found === null
    ? { field: 'text', value: typed.trim() }
    : { field: found[1] as Field, value: (found[2] ?? '').trim() };
}

export function withChip(search: AuditSearch, chip: Chip): AuditSearch {
  if (chip.value === '') return search;
  if (chip.field === 'text')
    return {
      ...search,
      text: search.text === undefined ? chip.value : `${search.text} ${chip.value}`,
      event: undefined,
    };
  const before = search[chip.field] ?? [];
  return before.includes(chip.value)
    ? search
    : { ...search, [chip.field]: [...before, chip.value], event: undefined };
}

export function withoutChip(search: AuditSearch, chip: Chip): AuditSearch {
  if (chip.field === 'text') return { ...search, text: undefined };
  const left = (search[chip.field] ?? []).filter((value) => value !== chip.value);
  return { ...search, [chip.field]: left.length === 0 ? undefined : left };
}

export const spans: readonly (readonly [key: string, label: string, seconds: number])[] = [
  ['1h', 'Hour', 3_600],
  ['24h', 'Day', 86_400],
  ['7d', 'Week', 604_800],
  ['30d', 'Month', 2_592_000],
];
export const SPAN_DEFAULT = '24h';

/** A brushed or typed range wins over "the last …"; the end is left open for what is still to come. */
export function rangeOf(
  search: AuditSearch,
  now: Date,
): { readonly from: string; readonly to: string | undefined } {
  const seconds = spans.find(([key]) => key === (search.last ?? SPAN_DEFAULT))?.[2] ?? 86_400;
  // On the minute, so that the same question keeps its answer for a while.
  const end = Math.ceil(now.getTime() / 60_000) * 60_000;
  return { from: search.from ?? new Date(end - seconds * 1000).toISOString(), to: search.to };
}

export function filterOf(search: AuditSearch, now: Date): Query {
  const { from, to } = rangeOf(search, now);
  return {
    from,
    to,
    action: search.action,
    actor: search.actor,
    target: search.target,
    outcome: search.outcome,
    text: search.text,
  };
}
