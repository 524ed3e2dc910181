/**
 * The report as an in-toto Statement v1, to be signed for a release.
 *
 * Promises: subjects are what was proved, by digest: each migration file, or the catalog of the database. The
 * predicate says the verdict of every object, so that a policy may ask for more than the summary; it holds no
 * exploit, since an attestation is published. Described in `docs/reference/isolation-attestation.md`.
 */
import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog/model.ts';
import type { Proof, Verdict } from '../model.ts';
import { orderProof } from './order.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://bulkhead.dev/attestation/tenant-isolation/v1';

export interface Subject {
  readonly name: string;
  readonly sha256: string;
}

export interface AttestationFacts {
  readonly subjects: readonly Subject[];
  /** Bulkhead's own version. */
  readonly version: string;
  readonly serverVersion: string | null;
  readonly provedAt: Date;
}

export function toStatement(given: Proof, facts: AttestationFacts): Record<string, unknown> {
  const proof = orderProof(given);
  return {
    _type: STATEMENT_TYPE,
    subject: facts.subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      prover: { uri: 'https://bulkhead.dev/prove', version: facts.version },
      provedAt: facts.provedAt.toISOString(),
      database: { name: proof.database, server: facts.serverVersion },
      role: proof.role,
      convention: proof.convention,
      verdict: overallVerdict(proof),
      summary: proof.summary,
      objects: proof.objects.map(({ object, type, verdict, findings }) => ({
        object,
        type,
        verdict,
        findings: findings.map(({ kind, severity, confirmed }) => ({ kind, severity, confirmed })),
      })),
      notSeen: proof.notSeen,
    },
  };
}

export function overallVerdict({ summary }: Proof): Verdict {
  if (summary.leak > 0) return 'leak';
  return summary.unknown > 0 ? 'unknown' : 'proven';
}

/**
 * A digest of everything the verdict was computed from. Identifiers (oids) are in it, so it tells this
 * database's schema from any other state of it, not from a restored copy.
 */
export function catalogDigest(catalog: Catalog): string {
  return createHash('sha256').update(canonical(catalog)).digest('hex');
}

/** Of a relation's facts only the planner's estimate changes without anyone changing the schema. */
const VOLATILE = new Set(['rows', 'reader', 'readerIsSuperuser']);

function canonical(value: unknown): string {
  if (value instanceof Map) {
    const entries = [...value].map(([key, one]) => [JSON.stringify(key), canonical(one)] as const);
    return `{${sorted(entries)}}`;
  }
  if (value instanceof Set) return `[${[...value].map(canonical).sort().join()}]`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([key]) => !VOLATILE.has(key))
      .map(([key, one]) => [JSON.stringify(key), canonical(one)] as const);
    return `{${sorted(entries)}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

function sorted(entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([key, value]) => `${key}:${value}`)
    .sort()
    .join();
}
