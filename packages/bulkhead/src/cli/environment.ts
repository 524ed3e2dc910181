/**
 * The environment, read here and nowhere else in Bulkhead. A `.env` in the working directory counts, and
 * what is already set outranks it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { CommandEnvironment } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';

/** @throws `kernel.file_unreadable` for a `.env` that is there and cannot be read. */
export function readEnvironment(cwd: string, environment: NodeJS.ProcessEnv): CommandEnvironment {
  const path = join(cwd, '.env');
  if (existsSync(path)) {
    try {
      for (const [name, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) {
        environment[name] ??= value;
      }
    } catch (cause) {
      throw kernelError('kernel.file_unreadable', { message: `${path} could not be read.`, cause });
    }
  }
  return {
    adminUrl: environment.BULKHEAD_ADMIN_URL || undefined,
    databaseUrl: environment.DATABASE_URL || undefined,
    contextKey: environment.BULKHEAD_CONTEXT_KEY || undefined,
  };
}
