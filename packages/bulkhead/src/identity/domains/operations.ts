/** Mail domains whose people may join a tenant by themselves: one value an operation. */
import { z } from 'zod';
import {
  defineOperation,
  type OperationDefinition,
  type StatementPort,
} from '../../kernel/operation.ts';
import type { AccountsQuery } from '../accounts/accounts-query.ts';
import { readDomain } from '../locate/host.ts';
import { timeField } from '../operations/fields.ts';
import { ask, askOne } from '../operations/identity-operation.ts';
import { hasRecord, type LookUpTxt } from './dns-proof.ts';

export interface DomainPorts extends StatementPort {
  readonly lookUp: LookUpTxt;
  /** Says what the DNS said: the app's own role is not believed that. */
  readonly accounts: AccountsQuery;
  tenantId(): string;
}

const domainField = z.string().max(300).describe('The part behind the @, such as `acme.example`.');

const verifiedDomain = z.object({
  domain: z.string(),
  role: z.string().describe('What who joins is given; at most what a member has.'),
  status: z.enum(['pending', 'verified', 'lapsed']),
  record: z.string().describe('What a TXT record of the domain must say.'),
  createdBy: z.string(),
  createdAt: timeField,
  verifiedAt: timeField.nullable(),
  checkedAt: timeField.nullable(),
});
export type VerifiedDomain = z.output<typeof verifiedDomain>;

const shared = {
  room: 'identity',
  kind: 'change',
  permission: 'tenant:manage',
  node: 'root',
} as const;

export const verifiedDomainList = defineOperation({
  ...shared,
  kind: 'read',
  permission: 'tenant:read',
  name: 'verified_domain.list',
  summary: 'The mail domains whose people may join by themselves.',
  input: z.strictObject({}),
  output: z.object({ items: z.array(verifiedDomain) }),
  errors: ['access.denied'],
  run: async (ports: DomainPorts) => ({
    items: await ask(ports, 'select bulkhead.domain_list() as json', []),
  }),
});

export const verifiedDomainAdd = defineOperation({
  ...shared,
  name: 'verified_domain.add',
  summary: 'Adds a mail domain; it lets people in once its TXT record is found.',
  input: z.strictObject({ domain: domainField, role: z.string().max(63).default('member') }),
  output: verifiedDomain,
  event: 'domain.added',
  errors: [
    'access.denied',
    'access.exceeds_own',
    'access.role_absent',
    'identity.domain_invalid',
    'identity.domain_public',
  ],
  run: (ports: DomainPorts, { domain, role }) =>
    askOne(ports, 'select bulkhead.domain_add($1, $2) as json', [readDomain(domain), role]),
});

export const verifiedDomainRemove = defineOperation({
  ...shared,
  name: 'verified_domain.remove',
  summary: 'Removes a mail domain; who has joined by it stays.',
  input: z.strictObject({ domain: domainField }),
  output: verifiedDomain,
  event: 'domain.removed',
  errors: ['access.denied', 'identity.domain_invalid', 'identity.domain_unknown'],
  run: (ports: DomainPorts, { domain }) =>
    askOne(ports, 'select bulkhead.domain_remove($1) as json', [readDomain(domain)]),
});

export const verifiedDomainVerify = defineOperation({
  ...shared,
  name: 'verified_domain.verify',
  summary: 'Looks for the TXT record now.',
  input: z.strictObject({ domain: domainField }),
  output: verifiedDomain.extend({
    taken: z.boolean().describe('The record is there, but the domain is another organization’s.'),
  }),
  event: 'domain.verified',
  errors: [
    'access.denied',
    'identity.domain_invalid',
    'identity.domain_unknown',
    'identity.dns_unavailable',
  ],
  async run(ports: DomainPorts, { domain: given }) {
    const domain = readDomain(given);
    const known = verifiedDomain.parse(await toCheck(ports, domain));
    const found = await hasRecord(ports.lookUp, domain, known.record);
    const { rows } = await ports.accounts.query(
      'select bulkhead.domain_checked($1, $2, $3) as status',
      [ports.tenantId(), domain, found],
    );
    const now = verifiedDomain.parse(await toCheck(ports, domain));
    return { ...now, taken: rows[0]?.status === 'taken' };
  },
});

const toCheck = (ports: DomainPorts, domain: string) =>
  askOne(ports, 'select bulkhead.domain_to_check($1) as json', [domain]);

export const domainOperations: readonly OperationDefinition<DomainPorts>[] = [
  verifiedDomainList,
  verifiedDomainAdd,
  verifiedDomainRemove,
  verifiedDomainVerify,
];
