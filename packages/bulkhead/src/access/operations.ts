/** Everything that can be done to who may do what, in one table: the library, HTTP and the tests read this. */
import type { OperationDefinition } from '../kernel/operation.ts';
import { accessStatements as statementsMade } from './operations/call-function.ts';
import { decisionOperations } from './operations/decisions.ts';
import { grantOperations } from './operations/grants.ts';
import { groupOperations } from './operations/groups.ts';
import { memberOperations } from './operations/members.ts';
import { nodeOperations } from './operations/nodes.ts';
import { roleOperations } from './operations/roles.ts';

export const accessOperations: readonly OperationDefinition[] = [
  ...Object.values(memberOperations),
  ...Object.values(nodeOperations),
  ...Object.values(roleOperations),
  ...Object.values(groupOperations),
  ...Object.values(grantOperations),
  ...Object.values(decisionOperations),
];

/** What the guard lets through by its whole text, in transactions of the app's too. */
export const accessStatements: readonly string[] = statementsMade();
