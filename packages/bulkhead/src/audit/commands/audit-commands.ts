import type { CommandDefinition } from '../../kernel/command.ts';
import { trackCommand, trackedCommand, untrackCommand } from '../track/track-command.ts';
import { auditErase } from './erase.ts';
import { auditExport } from './export.ts';
import { auditKeyGenerate } from './key-generate.ts';
import { auditProof } from './proof.ts';
import { auditRun } from './run.ts';
import { auditSearch } from './search.ts';
import { auditVerify } from './verify.ts';

/** `bulkhead audit …` */
export const auditCommands: readonly CommandDefinition[] = [
  auditRun,
  auditSearch,
  auditVerify,
  auditExport,
  auditProof,
  auditKeyGenerate,
  trackCommand,
  untrackCommand,
  trackedCommand,
  auditErase,
];
