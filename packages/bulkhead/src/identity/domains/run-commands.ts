/** What `bulkhead domain …` does; loaded when one of them runs. */
import { withTenantStatements } from '../../isolation/index.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { createAccountsConnection } from '../accounts/accounts-query.ts';
import { identitySection } from '../config.ts';
import { createTxtLookup } from './dns-proof.ts';
import {
  type DomainPorts,
  type VerifiedDomain,
  verifiedDomainAdd,
  verifiedDomainList,
  verifiedDomainRemove,
  verifiedDomainVerify,
} from './operations.ts';

interface Named {
  readonly tenant: string;
  readonly domain: string;
}

export function addDomain(io: CommandIo, given: Named & { role: string }): Promise<ExitCode> {
  const { tenant, domain, role } = given;
  return withDomains(io, tenant, async (ports) => {
    const added = await verifiedDomainAdd.run(ports, { domain, role });
    io.line(`${added.domain} is ${added.status}. Put this TXT record at ${added.domain}:`);
    io.line(added.record);
    io.result(added);
    return exitCodes.done;
  });
}

export function listDomains(io: CommandIo, { tenant }: { tenant: string }): Promise<ExitCode> {
  return withDomains(io, tenant, async (ports) => {
    const found = await verifiedDomainList.run(ports, {});
    io.table(
      ['domain', 'role', 'status', 'last looked for', 'record'],
      found.items.map((item: VerifiedDomain) => [
        item.domain,
        item.role,
        item.status,
        item.checkedAt ?? 'never',
        item.record,
      ]),
      { whole: ['record'] },
    );
    io.result(found);
    return exitCodes.done;
  });
}

export function verifyDomain(io: CommandIo, { tenant, domain }: Named): Promise<ExitCode> {
  return withDomains(io, tenant, async (ports) => {
    const found = await verifiedDomainVerify.run(ports, { domain });
    if (found.taken) io.line('The record is there, but the domain is another tenant’s.');
    else if (found.status === 'verified') io.line(`${found.domain} is verified.`);
    else io.line(`${found.domain} is ${found.status}: no TXT record says ${found.record}`);
    io.result(found);
    return found.status === 'verified' ? exitCodes.done : exitCodes.found;
  });
}

export function removeDomain(io: CommandIo, { tenant, domain }: Named): Promise<ExitCode> {
  return withDomains(io, tenant, async (ports) => {
    const removed = await verifiedDomainRemove.run(ports, { domain });
    io.line(`${removed.domain} lets nobody in any more.`);
    io.result(removed);
    return exitCodes.done;
  });
}

async function withDomains(
  io: CommandIo,
  tenant: string,
  work: (ports: DomainPorts) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await io.section('identity', identitySection);
  const accounts = createAccountsConnection(config.accountsUrl);
  try {
    return await withTenantStatements(io, tenant, (query, tenantId) =>
      work({
        query,
        accounts,
        lookUp: createTxtLookup(config.nameServers),
        tenantId: () => tenantId,
      }),
    );
  } finally {
    await accounts.close();
  }
}
