/**
 * What a search asks for: fields are all demanded, the values of one field are alternatives. Bounded, because
 * strangers write it.
 */
import { z } from 'zod';
import { momentSchema } from '../../kernel/moment.ts';
import { auditError } from '../errors.ts';
import { type AuditEvent, classSchema, outcomes, type SealedEvent } from '../event.ts';
import {
  actionTerm,
  actorTerm,
  fieldTermsOf,
  outcomeTerm,
  targetTerm,
  termsOf,
  wholeWordsOf,
  wordIn,
  wordTerm,
} from './terms.ts';

const ALTERNATIVES_MAX = 20;
const WORDS_MAX = 10;

const several = <S extends z.ZodType<string>>(one: S) =>
  z
    .union([one, z.array(one).min(1).max(ALTERNATIVES_MAX)])
    .transform((value): readonly string[] => (Array.isArray(value) ? value : [value]))
    .optional();

const NO_TIME = 'must be a time, such as 2026-11-03T09:00:00Z, or a day, which begins in UTC';
const moment = z
  .union([momentSchema, z.iso.date()], NO_TIME)
  .transform((value, context) => {
    const date = new Date(value);
    const ms = date.getTime();
    if (ms >= 0 && ms <= Date.UTC(9999, 11, 31)) return date.toISOString();
    context.addIssue({ code: 'custom', message: NO_TIME });
    return z.NEVER;
  })
  .optional();

const typedId = z
  .string()
  .max(330)
  .regex(/^[a-z][a-z0-9_.]{0,63}(?::.{1,256})?$/su, 'must be a type or type:id, such as user:42');

export const searchFilterSchema = z.strictObject({
  /** The retention class; all of the tenant's unless given. */
  class: classSchema.optional(),
  /** Events that happened then or later. */
  from: moment,
  /** Events that happened before then. */
  to: moment,
  /** An action, or its first words: `invoice.paid`, `invoice.*`. */
  action: several(
    z
      .string()
      .max(102)
      .regex(
        /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*)?$/,
        'must be an action, or words and .*',
      ),
  ),
  /** `user:42`, or a type alone. */
  actor: several(typedId),
  target: several(typedId),
  outcome: several(z.enum(outcomes)),
  /** Words that must all stand in the event, in any field and any case. */
  text: z
    .string()
    .max(300)
    .refine((text) => wholeWordsOf(text).size > 0, 'must hold a word')
    .optional(),
});

/** As a caller writes it. */
export type SearchFilter = z.input<typeof searchFilterSchema>;

/** The filter in the terms of the index. */
export interface Sought {
  readonly class: string | undefined;
  /** RFC 3339 in UTC, as in leaves, so that texts compare as times do. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Every group must match by at least one of its terms. */
  readonly groups: readonly (readonly string[])[];
}

/** @throws `audit.filter_invalid` */
export function readFilter(filter: unknown): Sought {
  const parsed = searchFilterSchema.safeParse(filter ?? {});
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw auditError('audit.filter_invalid', {
      message: `The filter is not valid. ${faults.join('; ')}.`,
    });
  }
  const { action, actor, target, outcome, text, from, to } = parsed.data;
  const groups = [
    action?.map(actionTerm),
    actor?.map(actorTerm),
    target?.map(targetTerm),
    outcome?.map(outcomeTerm),
  ].filter((group) => group !== undefined);
  const words = text === undefined ? [] : [...wholeWordsOf(text)];
  if (words.length > WORDS_MAX) {
    throw auditError('audit.filter_invalid', {
      message: `text: must hold at most ${WORDS_MAX} words.`,
    });
  }
  return {
    class: parsed.data.class,
    from,
    to,
    groups: [...groups, ...words.map((word) => [wordTerm(word)])],
  };
}

/** Whether an event, opened, is sought. */
export function matches(event: AuditEvent, sought: Sought): boolean {
  if (sought.from !== undefined && event.time < sought.from) return false;
  if (sought.to !== undefined && event.time >= sought.to) return false;
  const fields = fieldTermsOf(event);
  if (!sought.groups.every((group) => isOfWords(group) || isOneOf(group, fields))) return false;
  const ofWords = sought.groups.filter(isOfWords);
  if (ofWords.length === 0) return true;
  const terms = termsOf(event);
  return ofWords.every((group) => isOneOf(group, terms));
}

/**
 * Whether a leaf may be what is sought, told without opening it. Never says no of what `matches` says yes of; most
 * leaves that are read need no more than this.
 */
export function mayMatch(leaf: SealedEvent, text: string, { groups }: Sought): boolean {
  const isClosed = leaf.commitments !== undefined || leaf.pseudonyms !== undefined;
  const terms = fieldTermsOf(leaf);
  // As it stands in JSON a text of other characters is written otherwise.
  const words = !isClosed && ASCII.test(text) ? text.toLowerCase() : undefined;
  return groups.every((group) => {
    if (isOfWords(group)) {
      return words === undefined || group.some((term) => words.includes(wordIn(term) ?? ''));
    }
    // What an event is of and how it ended is in every leaf; whom it is of may be a pseudonym.
    return (isClosed && !OPEN.test(group[0] ?? '')) || isOneOf(group, terms);
  });
}

const ASCII = /^[ -[\]-~]*$/;
const OPEN = /^[ao]:/;
const isOfWords = (group: readonly string[]): boolean =>
  group[0] !== undefined && wordIn(group[0]) !== undefined;
const isOneOf = (group: readonly string[], terms: ReadonlySet<string>): boolean =>
  group.some((term) => terms.has(term));
