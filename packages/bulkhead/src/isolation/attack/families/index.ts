/** Every family of attacks, in the order of the report. To add one is to add a file and a line. */
import type { Family } from '../attempt.ts';
import { contexts, roles } from './context.ts';
import { expressions } from './expressions.ts';
import { documents, errors } from './extraction.ts';
import { functions, systemFunctions } from './functions.ts';
import { copying, cursors, hiddenSql, transactions } from './hidden.ts';
import { randomStatements } from './random-statements.ts';
import { partitions, reading, unreachable } from './reading.ts';
import { prepared, settings, shadowing } from './sessions.ts';
import { sharedState, statistics, terminating } from './shared-state.ts';
import { constraints, writes } from './writes.ts';

export const families: readonly Family[] = [
  expressions,
  reading,
  partitions,
  unreachable,
  contexts,
  roles,
  settings,
  prepared,
  shadowing,
  hiddenSql,
  cursors,
  transactions,
  copying,
  errors,
  documents,
  functions,
  systemFunctions,
  writes,
  constraints,
  sharedState,
  statistics,
  terminating,
  randomStatements,
];
