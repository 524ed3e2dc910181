/** What the control plane's own operations are given: the rooms' doors, and the operators' way to the database. */
import type { Audit, AuditReader } from '../../audit/index.ts';
import type { TenantDirectory } from '../../identity/index.ts';
import type { TenantContext } from '../../isolation/index.ts';
import type { Caller, OperationCall } from '../operation.ts';

export type Row = Record<string, unknown>;
export type RowQuery = (text: string, values: unknown[]) => Promise<{ readonly rows: Row[] }>;

/** What is used of the audit room. */
export type ControlAudit = AuditReader & Pick<Audit, 'eraseSubject' | 'waiting'>;

/** An event of the control plane itself. */
export interface ControlEvent {
  readonly action: string;
  readonly reason?: string | undefined;
  readonly targets?: readonly { readonly type: string; readonly id: string }[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface ControlWork {
  /** As the operators' role, in no tenant: what is nobody's data, such as the directory and counts. */
  readonly operatorQuery: RowQuery;
  /** In the caller's context. */
  readonly contextQuery: RowQuery;
  readonly audit: ControlAudit;
  /** The directory, with changes made in somebody's name. */
  directory(actor: string): TenantDirectory;
  /** What an actor may do where their context is. */
  permissionsOf(context: TenantContext): Promise<readonly string[]>;
  /** What else a tenant has, by number. */
  countsOf(
    tenant: string,
  ): Promise<{ readonly invitations: number; readonly apiKeys: number; readonly sessions: number }>;
  /** Records in the operators' log, and waits until it is there. */
  record(caller: Caller, event: ControlEvent): Promise<void>;
  readonly actions: readonly { readonly action: string; readonly description: string }[];
  readonly version: string;
  readonly appRole: string;
  readonly operatorRole: string | null;
  /** Verifier keys of a log by its origin. */
  verifierKeys(origin: string): readonly string[];
  originOf(tenant: string): string;
}

/** Who a change of the directory is by, as its log says. */
export const nameOf = ({ context, plane }: Caller): string =>
  `${plane === 'operator' ? 'operator' : context.actor.type}:${context.actor.id}`;

/** The tenant that the route names. */
export function tenantIdOf({ tenant }: OperationCall<unknown>): string {
  if (tenant === null) throw new Error('the route names a tenant');
  return tenant.id;
}
