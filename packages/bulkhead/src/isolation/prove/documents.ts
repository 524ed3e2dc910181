/** A proof with what its documents need to know beside it. */
import type { ClientBase } from 'pg';
import { readCatalog } from './catalog/read-catalog.ts';
import type { Proof } from './model.ts';
import { catalogDigest, type Subject } from './report/in-toto.ts';
import type { SourceLocation } from './report/sarif.ts';

export interface ProvedDatabase {
  readonly proof: Proof;
  readonly serverVersion: string;
  /** What an attestation is about. */
  readonly subjects: readonly Subject[];
  readonly locate?: (object: string) => SourceLocation | undefined;
}

/** @param isAttested read the catalog once more, for the digest that an attestation is about */
export async function provedSubject(
  client: ClientBase,
  { database }: Proof,
  isAttested: boolean,
): Promise<Pick<ProvedDatabase, 'serverVersion' | 'subjects'>> {
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  const subjects: Subject[] = isAttested
    ? [{ name: `postgresql:${database}`, sha256: catalogDigest(await readCatalog(client)) }]
    : [];
  return { serverVersion: rows[0]?.server_version ?? '', subjects };
}
