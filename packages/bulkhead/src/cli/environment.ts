/**
 * The environment, read here and nowhere else in Bulkhead. A `.env` in the working directory counts, and
 * what is already set outranks it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandEnvironment } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';

/** @throws `kernel.file_unreadable` for a `.env` that is there and cannot be read. */
export function readEnvironment(cwd: string): CommandEnvironment {
  const path = join(cwd, '.env');
  if (existsSync(path)) {
    try {
      process.loadEnvFile(path);
    } catch (cause) {
      throw kernelError('kernel.file_unreadable', { message: `${path} could not be read.`, cause });
    }
  }
  return {
    adminUrl: process.env.BULKHEAD_ADMIN_URL || undefined,
    databaseUrl: process.env.DATABASE_URL || undefined,
    contextKey: process.env.BULKHEAD_CONTEXT_KEY || undefined,
  };
}
