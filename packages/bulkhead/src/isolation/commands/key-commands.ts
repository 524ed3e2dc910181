import type { CommandDefinition } from '../../kernel/command.ts';
import { keyGenerate } from './key-generate.ts';
import { keyInstall } from './key-install.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';

/** `bulkhead key …` */
export const keyCommands: readonly CommandDefinition[] = [
  keyGenerate,
  keyInstall,
  keyList,
  keyRevoke,
];
