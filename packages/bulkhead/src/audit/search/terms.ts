/**
 * The terms an event may be found by. The same function serves the index, what is not indexed yet and the last
 * look at every hit, so that they cannot disagree.
 *
 * Promises: bounded, whatever an event holds. Does not promise prefixes or fuzzy matches: a word is found by
 * itself, in whatever case, and an action also by its first words (`invoice.*`).
 */
import type { AuditEvent } from '../event.ts';

/** Words of one event beyond this are not searchable. */
export const WORDS_MAX = 400;
const WORD_LENGTH_MAX = 64;
/** Of one text; the rest of it is not searchable. */
const TEXT_LENGTH_MAX = 4_000;

export const actionTerm = (action: string): string => `a:${action}`;
export const outcomeTerm = (outcome: string): string => `o:${outcome}`;
export const actorTerm = (typedId: string): string => `p:${typedId}`;
export const targetTerm = (typedId: string): string => `t:${typedId}`;
export const wordTerm = (word: string): string => `w:${word}`;
/** The word that a term of a word is of; undefined for the others. */
export const wordIn = (term: string): string | undefined =>
  term.startsWith('w:') ? term.slice(2) : undefined;

/** Letters, marks and digits of any script; also addresses and ids that are written with dots, colons, dashes. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:[.:_@/-][\p{L}\p{M}\p{N}]+)*/gu;
const INNER = /[.:_@/-]/;
/** The same for texts of ASCII alone, which most are: three times as quick. */
const PLAIN = /^[\n -~]*$/;
const PLAIN_WORD = /[a-z0-9]+(?:[.:_@/-][a-z0-9]+)*/g;

/** What upper case, width and composition make no difference to. */
function folded(text: string): string {
  const short = text.slice(0, TEXT_LENGTH_MAX);
  return (PLAIN.test(short) ? short : short.normalize('NFKC')).toLowerCase();
}

/** The words of a text, each once: the parts of `ada@acme.example` and the whole of it. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const [found] of folded(text).matchAll(PLAIN.test(text) ? PLAIN_WORD : WORD)) {
    words.add(found.slice(0, WORD_LENGTH_MAX));
    if (!INNER.test(found)) continue;
    for (const part of found.split(INNER)) words.add(part.slice(0, WORD_LENGTH_MAX));
  }
  return words;
}

/** Only the wholes: what someone who searches means by `ada@acme.example`. */
export function wholeWordsOf(text: string): Set<string> {
  const found = folded(text).matchAll(WORD);
  return new Set(Array.from(found, ([word]) => word.slice(0, WORD_LENGTH_MAX)));
}

/** What stands in fields of its own, of an event or of its leaf: everything but the words. */
export function fieldTermsOf(event: Pick<AuditEvent, 'action' | 'outcome' | 'actor' | 'targets'>) {
  const terms = new Set<string>([
    actionTerm(event.action),
    outcomeTerm(event.outcome),
    actorTerm(`${event.actor.type}:${event.actor.id}`),
    actorTerm(event.actor.type),
  ]);
  const words = event.action.split('.');
  for (let count = 1; count < words.length; count += 1) {
    terms.add(actionTerm(`${words.slice(0, count).join('.')}.*`));
  }
  for (const { type, id } of event.targets) {
    terms.add(targetTerm(`${type}:${id}`));
    terms.add(targetTerm(type));
  }
  return terms;
}

/** Each term once. Closed values are not in the event, and so cannot be found. */
export function termsOf(event: AuditEvent): Set<string> {
  const terms = fieldTermsOf(event);
  const wordsMax = terms.size + WORDS_MAX;
  for (const text of textsOf(event)) {
    for (const word of wordsOf(text)) {
      if (terms.size >= wordsMax) return terms;
      terms.add(wordTerm(word));
    }
  }
  return terms;
}

/** Short fields first: what is left of the bound is for what users wrote. */
function* textsOf(event: AuditEvent): Generator<string> {
  const { actor, targets, location } = event;
  yield* present(actor.id, actor.name, event.ip, event.requestId, event.sessionId);
  for (const { id, name } of targets) yield* present(id, name);
  yield event.action.replaceAll(/[._]/g, ' ');
  yield* present(
    location?.country,
    location?.region,
    location?.city,
    event.reason,
    event.userAgent,
  );
  for (const value of [event.metadata, event.after, event.before]) yield* leavesOf(value);
}

function* present(...texts: (string | undefined)[]): Generator<string> {
  for (const text of texts) if (text !== undefined) yield text;
}

/** Texts and numbers of a value of JSON; an event's depth is bounded. */
function* leavesOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) yield* leavesOf(member);
  }
}
