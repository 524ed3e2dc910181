/** Where errors become exit codes: once, at the edge. */
import { type ExitCode, exitCodes } from '../kernel/command.ts';
import type { BulkheadError } from '../kernel/errors.ts';

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  'kernel.usage': exitCodes.usage,
  'kernel.database_unavailable': exitCodes.unavailable,
  'kernel.lock_unavailable': exitCodes.unavailable,
  'kernel.config_invalid': exitCodes.config,
  'kernel.config_missing': exitCodes.config,
  'kernel.setting_missing': exitCodes.config,
  'kernel.database_unmigrated': exitCodes.config,
  'kernel.unexpected': exitCodes.internal,
  'isolation.context_key_invalid': exitCodes.config,
  'audit.unconfigured': exitCodes.config,
  'audit.filter_invalid': exitCodes.usage,
  'audit.cursor_invalid': exitCodes.usage,
  'audit.search_too_wide': exitCodes.usage,
  'audit.export_exists': exitCodes.usage,
  'audit.export_interrupted': exitCodes.interrupted,
  'isolation.prove_role_absent': exitCodes.usage,
  'isolation.prove_baseline_invalid': exitCodes.usage,
  'isolation.prove_key_invalid': exitCodes.usage,
  'isolation.prove_migrations_missing': exitCodes.usage,
};

/** A foreseen error is a refusal (1) unless its code says more; anything else is our fault (70). */
export function exitCodeOf(error: BulkheadError): ExitCode {
  return BY_CODE[error.code] ?? exitCodes.found;
}
