/**
 * The sequencer's side of the vault: finds the persons of a batch, makes keys for those not seen before, and
 * seals.
 *
 * Promises: a batch that commits has sealed under keys that were there when it committed: `erasures` is a
 * fence against an erasure in between. Keys are kept in memory between batches, and forgotten as soon as
 * anybody was erased.
 */
import type { SubjectRef } from '../event.ts';
import type { ReadEvent } from '../read-pending.ts';
import { type KnownSubject, type Sealed, sealEvent } from '../seal-event.ts';
import { forgetLastHmac } from './hmac.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import {
  indexPurpose,
  type LiveSubject,
  type NewSubject,
  newIndexKey,
  newSubject,
  refOf,
  subjectPurpose,
} from './tenant-vault.ts';

/** Runs one statement as the audit role. */
export type Query = (
  text: string,
  values: unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

export interface VaultBatch {
  /** The count of erasures that this batch was sealed under; appending must find the same. */
  readonly erasures: string;
  /** Rows of persons not seen before; to be inserted with the batch, after everything is sealed. */
  readonly subjects: readonly NewSubject[];
  seal(read: ReadEvent): Sealed;
  /** The batch has committed: its new persons are known from now on. */
  committed(): void;
}

export interface Vault {
  /** Reads what sealing these events needs: one short query, two more for persons or tenants not in memory. */
  begin(query: Query, reads: readonly ReadEvent[], erasures?: string): Promise<VaultBatch>;
  /** Drops what is in memory; after a batch that lost a race. */
  forget(): void;
}

/** What is known of one reference. */
interface Known {
  readonly live: LiveSubject | undefined;
  /** Who they were before they were erased; events recorded up to then are sealed as theirs. */
  readonly erased: { readonly pseudonym: string; readonly atMs: number } | undefined;
}

/** How many are kept in memory; what a batch needs is there for as long as it needs it, however small they are. */
const LIMITS = { subjects: 100_000, tenants: 20_000 };

export function createVault(wrapper: KeyWrapper, limits = LIMITS): Vault {
  const indexKeys = new Map<string, Buffer>();
  const known = new Map<string, Known>();
  let erasures = '';

  async function readErasures(query: Query, given: string | undefined): Promise<void> {
    let now = given;
    if (now === undefined) {
      const { rows } = await query('select bulkhead.audit_erasures() as erasures', []);
      now = String(rows[0]?.erasures);
    }
    if (now !== erasures) known.clear();
    erasures = now;
  }

  async function openTenants(query: Query, reads: readonly ReadEvent[]): Promise<void> {
    const tenants = [...new Set(reads.map((read) => read.tenant))];
    let absent = tenants.filter((tenant) => !indexKeys.has(tenant));
    if (absent.length === 0) return;
    if (indexKeys.size + absent.length > limits.tenants) {
      indexKeys.clear();
      absent = tenants;
    }
    await wrapper.prepare(absent);
    const fresh = absent.map((tenant) => wrapper.wrap(tenant, indexPurpose(tenant), newIndexKey()));
    // The first key of a tenant stays its key: whoever comes later is given that one.
    const { rows } = await query(
      'select ordinal, wrapped from bulkhead.audit_vault_keys($1::uuid[], $2::bytea[])',
      [absent, fresh],
    );
    for (const row of rows) {
      const tenant = absent[Number(row.ordinal) - 1];
      if (tenant === undefined) continue;
      // The driver reads a bytea as a Buffer.
      indexKeys.set(tenant, wrapper.unwrap(tenant, indexPurpose(tenant), row.wrapped as Buffer));
    }
  }

  async function findPersons(
    query: Query,
    wanted: ReadonlyMap<string, { tenant: string; ref: SubjectRef }>,
  ): Promise<void> {
    let absent = [...wanted].filter(([name]) => !known.has(name));
    if (absent.length === 0) return;
    if (known.size + absent.length > limits.subjects) {
      known.clear();
      absent = [...wanted];
    }
    const { rows } = await query(
      'select ordinal, pseudonym, wrapped_key, erased_as, erased_at from bulkhead.audit_vault_read($1::uuid[], $2::bytea[])',
      [
        absent.map(([, { tenant }]) => tenant),
        absent.map(([, { tenant, ref }]) => refOf(indexKeyOf(tenant), ref)),
      ],
    );
    for (const row of rows) {
      const entry = absent[Number(row.ordinal) - 1];
      if (entry !== undefined) known.set(entry[0], readKnown(entry[1].tenant, row));
    }
  }

  function indexKeyOf(tenant: string): Buffer {
    const key = indexKeys.get(tenant);
    if (key === undefined) throw new Error('a tenant of the batch has no index key');
    return key;
  }

  function readKnown(tenant: string, row: Record<string, unknown>): Known {
    const pseudonym = row.pseudonym as string | null;
    const erasedAs = row.erased_as as string | null;
    return {
      live:
        pseudonym === null
          ? undefined
          : {
              pseudonym,
              key: wrapper.unwrap(
                tenant,
                subjectPurpose(tenant, pseudonym),
                row.wrapped_key as Buffer,
              ),
            },
      erased:
        erasedAs === null
          ? undefined
          : { pseudonym: erasedAs, atMs: (row.erased_at as Date).getTime() },
    };
  }

  return {
    async begin(query, reads, given) {
      const wanted = new Map<string, { tenant: string; ref: SubjectRef }>();
      let before: ReadEvent | undefined;
      for (const read of reads) {
        const { tenant, personal, usual } = read;
        if (usual !== undefined && (usual !== before?.usual || tenant !== before.tenant)) {
          wanted.set(nameOf(tenant, usual), { tenant, ref: usual });
        }
        before = read;
        for (const { subject } of personal) {
          wanted.set(nameOf(tenant, subject), { tenant, ref: subject });
        }
      }
      // First of all, so that whoever is erased from here on makes the append fail.
      await readErasures(query, given);
      const sealedUnder = erasures;
      await openTenants(
        query,
        reads.filter((read) => read.usual !== undefined || read.personal.length > 0),
      );
      await findPersons(query, wanted);
      const mine = new Map<string, Known>();
      for (const name of wanted.keys()) {
        mine.set(name, known.get(name) ?? { live: undefined, erased: undefined });
      }
      const subjects: NewSubject[] = [];
      const made = new Map<string, LiveSubject>();

      // Whoever was found before, and was never erased.
      let lastTenant = '';
      let lastRef: SubjectRef | undefined;
      let lastFound: LiveSubject | undefined;
      const find = (tenant: string, ref: SubjectRef, recorded: string): KnownSubject => {
        if (lastFound !== undefined && ref === lastRef && tenant === lastTenant) return lastFound;
        const name = nameOf(tenant, ref);
        const person = mine.get(name);
        const { erased } = person ?? {};
        if (erased !== undefined && Date.parse(recorded) <= erased.atMs) {
          return { pseudonym: erased.pseudonym, key: undefined };
        }
        let live = person?.live ?? made.get(name);
        if (live === undefined) {
          const fresh = newSubject(wrapper, tenant, indexKeyOf(tenant), ref);
          subjects.push(fresh.row);
          made.set(name, fresh.live);
          live = fresh.live;
        }
        if (erased === undefined) {
          lastTenant = tenant;
          lastRef = ref;
          lastFound = live;
        }
        return live;
      };

      return {
        erasures: sealedUnder,
        subjects,
        seal: (read) => sealEvent(read, find),
        committed() {
          forgetLastHmac();
          if (erasures !== sealedUnder) return;
          for (const [name, live] of made) {
            known.set(name, { live, erased: mine.get(name)?.erased });
          }
        },
      };
    },
    forget() {
      known.clear();
      indexKeys.clear();
      erasures = '';
    },
  };
}

/** No type holds a slash, and a tenant's id has one length. */
const nameOf = (tenant: string, { type, id }: SubjectRef): string => `${tenant}/${type}/${id}`;
