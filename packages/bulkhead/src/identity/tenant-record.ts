/**
 * What the directory says of one tenant, and the ways to name one.
 *
 * Promises: a name has exactly one reading. A slug never looks like a UUID, an external id never like
 * either (the table's checks say the same), so no tenant can hide behind another one's name.
 */
import type { TenantId } from '../isolation/tenant-context.ts';

/**
 * Only an active tenant admits requests. A suspended one can be restored; `disabled` is the same by its older
 * name. A closed one is closed for good.
 */
export const tenantStatuses = ['active', 'disabled', 'suspended', 'closed'] as const;
export type TenantStatus = (typeof tenantStatuses)[number];

export interface TenantRecord {
  readonly id: TenantId;
  readonly slug: string;
  readonly status: TenantStatus;
  /** The identity provider's id of this tenant, where its tokens carry that. */
  readonly externalId?: string;
}

/** The ways to ask for a tenant; `domain` is a full, lower-case, ASCII host name. */
export type LookupHow = 'id' | 'slug' | 'external' | 'domain';

/** Asks the directory for one tenant; null when there is none. */
export type TenantLookup = (how: LookupHow, value: string) => Promise<TenantRecord | null>;

/** One way to name a tenant. */
export interface TenantName {
  readonly how: LookupHow;
  readonly value: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const EXTERNAL_ID = /^[A-Za-z0-9][!-~]{0,199}$/;

export function isSlug(value: string): boolean {
  return SLUG.test(value) && !UUID.test(value);
}

/** True for what the directory accepts as an external id: nothing that reads as a slug or a UUID. */
export function isExternalId(value: string): boolean {
  return (
    EXTERNAL_ID.test(value) && !/^[a-z0-9-]{1,63}$/i.test(value) && !/^[0-9a-f-]{36}$/i.test(value)
  );
}

/** Reads an id or a slug as a request may write it, folding case; undefined when it is neither. */
export function readTenantName(text: string): TenantName | undefined {
  if (text.length > 63) return undefined;
  const value = text.toLowerCase();
  if (value.length === 36 && UUID.test(value)) return { how: 'id', value };
  return SLUG.test(value) ? { how: 'slug', value } : undefined;
}

/** Reads what a token says, which may be an external id too. */
export function readClaimedName(text: string): TenantName | undefined {
  return (
    readTenantName(text) ?? (isExternalId(text) ? { how: 'external', value: text } : undefined)
  );
}
