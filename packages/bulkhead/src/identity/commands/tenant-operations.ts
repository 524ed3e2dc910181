/** Runs this room's operations in a tenant's context from the command line, as `operator:cli:<login>`. */
import { userInfo } from 'node:os';
import { z } from 'zod';
import { withTenantStatements } from '../../isolation/index.ts';
import type { CommandIo } from '../../kernel/command.ts';
import { apiKeysSchema } from '../config.ts';
import type { IdentityPorts } from '../operations/identity-operation.ts';

const keySection = z.looseObject({ apiKeys: apiKeysSchema.optional() });

/** What `work` gives is committed when this returns. */
export async function inTenant<T>(
  io: CommandIo,
  tenant: string,
  work: (ports: IdentityPorts) => Promise<T>,
): Promise<T> {
  const { apiKeys } = await io.section('identity', keySection);
  const { prefix } = apiKeys ?? apiKeysSchema.parse({});
  return withTenantStatements(io, tenant, (query) =>
    work({
      query,
      keyPrefix: prefix,
      sessionId: () => undefined,
      actor: () => ({ type: 'operator', id: `cli:${userInfo().username}` }),
      // Other processes hear of it by themselves.
      changed: () => undefined,
    }),
  );
}
