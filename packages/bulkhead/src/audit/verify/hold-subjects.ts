/**
 * The persons of a log: every pseudonym in it has its row, whose key, name and reference belong together, and
 * nobody's key is gone without the log telling of it.
 *
 * Does not promise to tell a row that was never used from one that nobody misses.
 */
import { moment } from '../../kernel/moment.ts';
import { maybeBytes } from '../../kernel/row-values.ts';
import { parsePointer, valueAt } from '../json-pointer.ts';
import { type LogName, STANDARD_CLASS } from '../log/log-name.ts';
import { type Query, subjectOf } from '../open/event-opener.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { type OpenedSubject, openSubject, type SubjectRow } from '../vault/open-event.ts';
import { indexPurpose, refOf } from '../vault/tenant-vault.ts';
import type { Findings } from './findings.ts';
import type { WalkedLeaf } from './walk-leaves.ts';

export interface HeldSubjects {
  /** The tenant's key of references and words; undefined when there is none, or no vault key here opens it. */
  indexKey(): Promise<Buffer | undefined>;
  /** Of one block: those of its leaves, and of the openings that are there for them. */
  hold(leaves: readonly WalkedLeaf[], pseudonyms: readonly string[]): Promise<FoundSubjects>;
  /** When somebody of the tenant was erased last, as in leaves. */
  lastErasure(): Promise<string | undefined>;
  finish(): Promise<void>;
}

export interface FoundSubjects {
  readonly rows: readonly SubjectRow[];
  /** The same by pseudonym, as they could be opened. */
  readonly persons: ReadonlyMap<string, OpenedSubject>;
}

/** An erasure is told of by the worker's next batch; a worker that stands still for longer is worth a word. Some are of later than this transaction's beginning. */
const UNTOLD = "interval '5 minutes'";

export function holdSubjects(
  query: Query,
  wrapper: KeyWrapper,
  log: LogName,
  findings: Findings,
): HeldSubjects {
  const { tenant } = log;
  const told = new Set<string>();
  const failed = new Set<string>();
  let hasSealed = false;
  let hasPersons = false;
  let indexKey: Promise<Buffer | undefined> | undefined;
  let lastErasure: Promise<string | undefined> | undefined;

  function fail(pseudonym: string, what: string): void {
    if (failed.has(pseudonym)) return;
    failed.add(pseudonym);
    findings.fail('subject.changed', `the person ${pseudonym}: ${what}`);
  }

  async function readIndexKey(): Promise<Buffer | undefined> {
    const { rows } = await query(
      'select wrapped from bulkhead.audit_vault_key where tenant_id = $1',
      [tenant],
    );
    const wrapped = maybeBytes(rows[0]?.wrapped);
    await wrapper.prepare([tenant]);
    if (wrapped !== null && !wrapper.knows(wrapped)) {
      hasSealed = true;
      return undefined;
    }
    try {
      if (wrapped !== null) return wrapper.unwrap(tenant, indexPurpose(tenant), wrapped);
    } catch {
      // Told below, with the key that is not there at all.
    }
    findings.fail(
      'subject.changed',
      'the key by which the tenant’s persons are found is not theirs',
    );
    return undefined;
  }

  function holdRow(
    { pseudonym, wrappedKey, erasedAt }: SubjectRow,
    person: OpenedSubject,
    ref: Buffer | null,
    key: Buffer | undefined,
  ): void {
    if (erasedAt !== null) return;
    if (wrappedKey === null) {
      fail(pseudonym, 'there is no key, and nobody was erased');
      return;
    }
    if (!wrapper.knows(wrappedKey)) {
      hasSealed = true;
      return;
    }
    if (person.key === undefined) fail(pseudonym, 'the key is another’s');
    else if (person.ref === undefined) fail(pseudonym, 'the name is another’s');
    else if (key !== undefined && ref?.equals(refOf(key, person.ref)) !== true) {
      fail(pseudonym, 'is not found by their own name');
    }
  }

  const self: HeldSubjects = {
    indexKey: () => (indexKey ??= readIndexKey()),
    async hold(leaves, pseudonyms) {
      for (const { event } of leaves) {
        if (event?.action !== 'subject.erased' || event.source !== 'operator') continue;
        told.add(event.targets[0]?.id ?? '');
      }
      const persons = new Map<string, OpenedSubject>();
      if (pseudonyms.length === 0) return { rows: [], persons };
      hasPersons = true;
      const key = await self.indexKey();
      const { rows } = await query(
        `select pseudonym, ref, sealed_ref, wrapped_key, erased_at from bulkhead.audit_subject
          where tenant_id = $1 and pseudonym = any ($2::uuid[])`,
        [tenant, pseudonyms],
      );
      const found = rows.map((row) => {
        const subject = subjectOf(row);
        const person = openSubject(wrapper, tenant, subject);
        holdRow(subject, person, maybeBytes(row.ref), key);
        persons.set(subject.pseudonym, person);
        return subject;
      });
      for (const { event, leafIndex } of leaves) {
        for (const path of event?.pseudonyms ?? []) {
          const pseudonym = String(valueAt(event, parsePointer(path) ?? []));
          if (persons.has(pseudonym)) continue;
          findings.fail('subject.missing', `of leaf ${leafIndex}: nobody is ${pseudonym}`);
        }
      }
      return { rows: found, persons };
    },
    lastErasure: () =>
      (lastErasure ??= query(
        `select ${moment('max(erased_at)')} as last from bulkhead.audit_subject where tenant_id = $1 and erased_at is not null`,
        [tenant],
      ).then(({ rows }) => (rows[0]?.last == null ? undefined : String(rows[0].last)))),
    async finish() {
      // Whoever is erased is erased in all of a tenant's logs, and this one is told.
      if (log.class === STANDARD_CLASS) {
        const { rows } = await query(
          `select pseudonym from bulkhead.audit_subject
            where tenant_id = $1 and erased_at is not null and not erased_at between now() - ${UNTOLD} and now() + ${UNTOLD}`,
          [tenant],
        );
        for (const { pseudonym } of rows) {
          if (told.has(String(pseudonym))) continue;
          findings.fail(
            'subject.erased',
            `the person ${pseudonym}: the log tells of no erasure; or does the worker stand still?`,
          );
        }
      }
      if (hasPersons) {
        findings.pass('subject.changed', 'the persons in it have their own keys and names', [
          'subject.missing',
          'subject.erased',
        ]);
      }
      if (hasSealed) {
        findings.note(
          'subject.changed',
          'keys are under a vault key that is not here: not checked',
        );
      }
    },
  };
  return self;
}
