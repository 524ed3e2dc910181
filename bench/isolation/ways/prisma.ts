/** Prisma: the client extension that its row-level-security example has; and the protected pool. */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { BODY, poolConfig, type Way, type WayOptions } from '../way.ts';
import { asTenant, openProtectedPool } from './protected-pool.ts';

export function openPrismaUsual(options: WayOptions): Way {
  const pool = new pg.Pool(poolConfig(options));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const forTenant = (id: string) =>
    prisma.$extends({
      query: {
        $allModels: {
          async $allOperations({ args, query }) {
            const [, result] = await prisma.$transaction([
              prisma.$executeRaw`select set_config('app.tenant_id', ${id}, true)`,
              query(args),
            ]);
            return result;
          },
        },
      },
    });
  // One extended client a tenant, kept: making one per request would cost Prisma more still.
  const clients = new Map<string, ReturnType<typeof forTenant>>();
  const scoped = (id: string) => {
    const client = clients.get(id) ?? forTenant(id);
    clients.set(id, client);
    return client;
  };
  return {
    key: 'prisma',
    label: 'Prisma, its $extends transaction',
    readOne: async ({ id }, note) =>
      (await scoped(id).usualNote.findFirst({ where: { id: note } }))?.title,
    readProject: async ({ id }, project) =>
      (await scoped(id).usualNote.findMany({ where: { project } })).length,
    insert: async ({ id }, title) => {
      await scoped(id).usualDraft.create({ data: { title, body: BODY } });
    },
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

export function openPrismaProtected(options: WayOptions): Way {
  const { pool, bulkhead } = openProtectedPool(options, {
    inFlightMax: 1,
    prepareStatements: true,
  });
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    key: 'prisma-protected',
    label: 'Prisma on the protected pool',
    readOne: (tenant, id) =>
      asTenant(tenant, async () => (await prisma.note.findFirst({ where: { id } }))?.title),
    readProject: (tenant, project) =>
      asTenant(tenant, async () => (await prisma.note.findMany({ where: { project } })).length),
    insert: (tenant, title) =>
      asTenant(tenant, async () => {
        await prisma.draft.create({ data: { title, body: BODY } });
      }),
    close: async () => {
      await prisma.$disconnect();
      await bulkhead.close();
    },
  };
}
