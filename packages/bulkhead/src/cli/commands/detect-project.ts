/** What an app is built with, read from its package.json; guesses nothing that is not written there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { kernelError } from '../../kernel/error-codes.ts';

export const frameworks = ['express', 'fastify', 'hono', 'next', 'fetch'] as const;
export type Framework = (typeof frameworks)[number];

const queryLayers = ['prisma', 'drizzle', 'kysely', 'typeorm', 'pg'] as const;
export type QueryLayer = (typeof queryLayers)[number];

export interface DetectedProject {
  readonly framework: Framework | undefined;
  readonly queryLayer: QueryLayer | undefined;
  readonly modules: 'esm' | 'cjs';
}

const PACKAGE_OF: Readonly<Record<QueryLayer, string>> = {
  prisma: '@prisma/client',
  drizzle: 'drizzle-orm',
  kysely: 'kysely',
  typeorm: 'typeorm',
  pg: 'pg',
};

const packageSchema = z.object({
  type: z.string().optional(),
  dependencies: z.record(z.string(), z.unknown()).default({}),
  devDependencies: z.record(z.string(), z.unknown()).default({}),
});

/** @throws `kernel.file_unreadable` without a package.json that can be read. */
export async function detectProject(folder: string): Promise<DetectedProject> {
  const path = join(folder, 'package.json');
  let manifest: z.output<typeof packageSchema>;
  try {
    manifest = packageSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw kernelError('kernel.file_unreadable', {
      message: `${path} is not there or not a package.json; run bulkhead init in the folder of the app.`,
      cause,
    });
  }
  const has = (name: string) => name in manifest.dependencies || name in manifest.devDependencies;
  return {
    // Next before the others: an app on Next may well have express for something beside it.
    framework: (['next', 'fastify', 'hono', 'express'] as const).find(has),
    queryLayer: queryLayers.find((layer) => has(PACKAGE_OF[layer])),
    modules: manifest.type === 'module' ? 'esm' : 'cjs',
  };
}
