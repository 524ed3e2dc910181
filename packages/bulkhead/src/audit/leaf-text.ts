/**
 * Writes a leaf: the canonical JSON of a sealed event, put together member by member in the order of RFC 8785.
 *
 * It is the hot path of the sequencer, so nothing is copied: a member that was taken out is left out. A test
 * holds the text against `canonicalJson` of what it says.
 */
import { canonicalJson, type JsonValue, quoted } from './canonical-json.ts';
import type { AuditTarget, RecordedEvent } from './event.ts';
import { takeAt } from './json-pointer.ts';
import type { PersonalPlace, ReadEvent } from './read-pending.ts';

/** How far a caller's clock may be ahead of the database's. */
const AHEAD_MS_MAX = 5 * 60_000;

export class LeafText {
  readonly #read: ReadEvent;
  /** Paths outside of free JSON whose value is not written. */
  readonly #taken = new Set<string>();
  readonly #pseudonyms: { path: string; pseudonym: string }[] = [];
  readonly #commitments: { path: string; commitment: string; isText: boolean }[] = [];

  constructor(read: ReadEvent) {
    this.#read = read;
  }

  pseudonymize({ path }: PersonalPlace, pseudonym: string): void {
    this.#pseudonyms.push({ path, pseudonym });
  }

  /** Takes a personal value out; undefined where there is none. Free JSON of the event loses it in place. */
  take({ path, parts }: PersonalPlace, event: RecordedEvent): JsonValue | undefined {
    const root = parts[0] as keyof RecordedEvent;
    if (parts.length === 1 && typeof event[root] === 'string') {
      if (this.#taken.has(path)) return undefined;
      this.#taken.add(path);
      return event[root];
    }
    // Whatever stands there came out of JSON.
    return takeAt(event, parts) as JsonValue | undefined;
  }

  commit({ path }: PersonalPlace, commitment: string, value: JsonValue): void {
    this.#commitments.push({ path, commitment, isText: typeof value === 'string' });
  }

  write(): string {
    const { tenant, id, recorded, source, actor, event } = this.#read;
    this.#pseudonyms.sort(byPath);
    this.#commitments.sort(byPath);
    const { time } = event;
    const isAhead = time !== undefined && Date.parse(time) > Date.parse(recorded) + AHEAD_MS_MAX;
    const json = this.#commitments.filter(({ isText }) => !isText);
    // Recorded fields come out of JSON and of the schema: whole characters, known keys.
    let text = `{"action":"${event.action}","actor":${this.#party('/actor', actor, event.actor?.name)}`;
    if (event.after !== undefined) text += `,"after":${canonicalJson(event.after)}`;
    if (event.before !== undefined) text += `,"before":${canonicalJson(event.before)}`;
    if (isAhead) text += `,"claimedTime":"${time}"`;
    if (this.#commitments.length > 0) text += `,"commitments":${this.#committed()}`;
    if (json.length > 0) text += `,"committedJson":${paths(json)}`;
    text += `,"id":"${id}"${this.#text('ip')}`;
    if (event.location !== undefined) text += `,"location":${canonicalJson(event.location)}`;
    if (event.metadata !== undefined) text += `,"metadata":${canonicalJson(event.metadata)}`;
    text += `,"outcome":"${event.outcome}"`;
    if (this.#pseudonyms.length > 0) text += `,"pseudonyms":${paths(this.#pseudonyms)}`;
    text += `${this.#text('reason')},"recorded":"${recorded}"${this.#text('requestId')}`;
    text += `${this.#text('sessionId')},"source":"${source}","targets":${this.#targets()}`;
    text += `,"tenant":"${tenant}","time":"${time === undefined || isAhead ? recorded : time}"`;
    return `${text}${this.#text('userAgent')},"v":1}`;
  }

  #text(name: 'ip' | 'reason' | 'requestId' | 'sessionId' | 'userAgent'): string {
    const value = this.#read.event[name];
    return value === undefined || this.#taken.has(`/${name}`) ? '' : `,"${name}":${quoted(value)}`;
  }

  #party(path: string, { type, id }: AuditTarget, name: string | undefined): string {
    const idPath = `${path}/id`;
    const known = this.#pseudonyms.find((entry) => entry.path === idPath)?.pseudonym ?? id;
    return `{"id":${quoted(known)}${name === undefined ? '' : `,"name":${quoted(name)}`},"type":"${type}"}`;
  }

  #targets(): string {
    const { targets } = this.#read.event;
    return `[${targets.map((target, n) => this.#party(`/targets/${n}`, target, target.name)).join(',')}]`;
  }

  #committed(): string {
    const members = this.#commitments.map(
      ({ path, commitment }) => `${quoted(path)}:"${commitment}"`,
    );
    return `{${members.join(',')}}`;
  }
}

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
const paths = (entries: readonly { path: string }[]): string =>
  `[${entries.map(({ path }) => quoted(path)).join(',')}]`;
