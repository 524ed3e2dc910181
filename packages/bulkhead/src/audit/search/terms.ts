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
/** The same for texts of ASCII alone, which most are: three times as quick. */
const PLAIN = /^[\n -~]*$/;
const PLAIN_WORD = /[a-z0-9]+(?:[.:_@/-][a-z0-9]+)*/g;
const INNER = /[.:_@/-]/;
/** A UUID is one word, and its first group, by which people call it, another: as five they would be half of the index. */
const PART = /([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=[.:_@/-]|$)|[^.:_@/-]+/g;

/** What upper case, width and composition make no difference to. */
function folded(text: string): string {
  const short = text.slice(0, TEXT_LENGTH_MAX);
  return (PLAIN.test(short) ? short : short.normalize('NFKC')).toLowerCase();
}

/** The words of a text, each once: the parts of `ada@acme.example` and the whole of it; of a UUID the first alone. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const [found] of folded(text).matchAll(PLAIN.test(text) ? PLAIN_WORD : WORD)) {
    words.add(found.slice(0, WORD_LENGTH_MAX));
    if (!INNER.test(found)) continue;
    for (const [part, short] of found.matchAll(PART)) {
      words.add(part.slice(0, WORD_LENGTH_MAX));
      if (short !== undefined) words.add(short);
    }
  }
  return words;
}

/** Only the wholes: what someone who searches means by `ada@acme.example`. */
export function wholeWordsOf(text: string): Set<string> {
  const found = folded(text).matchAll(WORD);
  return new Set(Array.from(found, ([word]) => word.slice(0, WORD_LENGTH_MAX)));
}

/** Takes up the terms of one event. */
export interface TermTaker {
  add(term: string): unknown;
  /** How many different ones it has taken of this event. */
  readonly size: number;
}

/** Hands over what stands in fields of its own, of an event or of its leaf: everything but the words. */
function takeFieldTerms(
  { action, outcome, actor, targets }: FieldsOfTerms,
  terms: TermTaker,
): void {
  terms.add(actionTerm(action));
  terms.add(outcomeTerm(outcome));
  terms.add(actorTerm(`${actor.type}:${actor.id}`));
  terms.add(actorTerm(actor.type));
  for (let dot = action.indexOf('.'); dot !== -1; dot = action.indexOf('.', dot + 1)) {
    terms.add(actionTerm(`${action.slice(0, dot)}.*`));
  }
  for (const { type, id } of targets) {
    terms.add(targetTerm(`${type}:${id}`));
    terms.add(targetTerm(type));
  }
}

type FieldsOfTerms = Pick<AuditEvent, 'action' | 'outcome' | 'actor' | 'targets'>;

/** The same, each once. */
export function fieldTermsOf(event: FieldsOfTerms): Set<string> {
  const terms = new Set<string>();
  takeFieldTerms(event, terms);
  return terms;
}

/**
 * Hands over the terms of an event, some more than once.
 *
 * @param termsOfText `wordTermsOf`, or what remembers its answers
 */
export function takeTerms(
  event: AuditEvent,
  terms: TermTaker,
  termsOfText: (text: string) => readonly string[],
): void {
  takeFieldTerms(event, terms);
  const termsMax = terms.size + WORDS_MAX;
  for (const text of textsOf(event)) {
    for (const term of termsOfText(text)) {
      if (terms.size >= termsMax) return;
      terms.add(term);
    }
  }
}

/** The terms of the words of a text. */
export const wordTermsOf = (text: string): readonly string[] => Array.from(wordsOf(text), wordTerm);

/** Each term once. Closed values are not in the event, and so cannot be found. */
export function termsOf(event: AuditEvent): Set<string> {
  const terms = new Set<string>();
  takeTerms(event, terms, wordTermsOf);
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
