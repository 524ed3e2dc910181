/**
 * Decides what one top-level statement is and whether it may run; what it holds is left to the tree
 * inspector. An allow-list: a kind that is not named here is refused.
 */
import type { TreeFindings } from './inspect-tree.ts';
import { shownSettings } from './refused-names.ts';
import { allow, printable, refuse, type StatementKind, type Verdict } from './verdict.ts';

type Node = Readonly<Record<string, unknown>>;
export type TreeInspector = (root: Node) => TreeFindings;

const transactionKinds: Readonly<Record<string, StatementKind>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint',
  TRANS_STMT_RELEASE: 'release',
  TRANS_STMT_ROLLBACK_TO: 'rollback_to',
};

const rowKinds: Readonly<Record<string, StatementKind>> = {
  SelectStmt: 'select',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
  MergeStmt: 'merge',
};

/** What a refused statement is called in the message where its tag would puzzle a reader. */
const refusedKinds: Readonly<Record<string, string>> = {
  VariableSetStmt: 'SET or RESET',
  PrepareStmt: 'PREPARE',
  ExecuteStmt: 'EXECUTE',
  DeallocateStmt: 'DEALLOCATE',
  DeclareCursorStmt: 'DECLARE CURSOR',
  FetchStmt: 'FETCH or MOVE',
  ClosePortalStmt: 'CLOSE',
  ConstraintsSetStmt: 'SET CONSTRAINTS',
  CreateTableAsStmt: 'CREATE TABLE AS',
  CheckPointStmt: 'CHECKPOINT',
  DoStmt: 'DO',
  CallStmt: 'CALL',
  VacuumStmt: 'VACUUM or ANALYZE',
};

export function inspectStatement(
  statement: unknown,
  inspectTree: TreeInspector,
  statements: ReadonlySet<string>,
): Verdict {
  const [tag, body] = Object.entries(statement as Record<string, Node>)[0] ?? ['nothing', {}];
  const rowKind = rowKinds[tag];
  if (rowKind !== undefined) return inspectRows(rowKind, { [tag]: body }, inspectTree);
  switch (tag) {
    case 'TransactionStmt':
      return inspectTransaction(body);
    case 'VariableSetStmt':
      return inspectSet(body);
    case 'VariableShowStmt':
      return inspectShow(body);
    case 'CopyStmt':
      return inspectCopy(body, inspectTree);
    case 'CallStmt':
      if (statements.has('CALL')) return inspectRows('call', body, inspectTree);
      break;
    case 'DoStmt':
      if (statements.has('DO')) return allow('do', false);
      break;
  }
  return refuseKind(tag);
}

function inspectRows(kind: StatementKind, root: Node, inspectTree: TreeInspector): Verdict {
  const { refused, writes } = inspectTree(root);
  if (refused !== undefined) return refused;
  const isValues = (root.SelectStmt as Node | undefined)?.valuesLists !== undefined;
  return allow(isValues ? 'values' : kind, !writes && kind !== 'call' && kind !== 'copy_from');
}

function inspectTransaction(body: Node): Verdict {
  const kind = transactionKinds[String(body.kind)];
  if (kind === undefined) {
    return refuse(
      'two-phase commit',
      'Two-phase commit would let a transaction outlive its tenant context.',
    );
  }
  if (body.chain === true) {
    return refuse(
      'AND CHAIN',
      'AND CHAIN opens a transaction without a tenant context; end this one and begin another.',
    );
  }
  return allow(kind, true);
}

/** Of all SETs only SET TRANSACTION with plain modes: it ends with the transaction and no setting of Bulkhead's is in its reach. */
function inspectSet(body: Node): Verdict {
  if (body.kind === 'VAR_SET_MULTI' && body.name === 'TRANSACTION' && body.is_local !== true) {
    return allow('set_transaction', true);
  }
  return refuseKind('VariableSetStmt');
}

function inspectShow(body: Node): Verdict {
  const name = String(body.name).toLowerCase();
  if (shownSettings.has(name)) return allow('select', true);
  const shown = printable(`SHOW ${name}`);
  return refuse(
    shown,
    `${shown} is refused: SHOW is allowed for ${[...shownSettings].join(', ')}.`,
  );
}

function inspectCopy(body: Node, inspectTree: TreeInspector): Verdict {
  if (body.is_program === true || body.filename !== undefined) {
    return refuse(
      'COPY of a file or program',
      "COPY may not touch the server's files or programs.",
    );
  }
  return inspectRows(body.is_from === true ? 'copy_from' : 'copy_to', body, inspectTree);
}

function refuseKind(tag: string): Verdict {
  const name = refusedKinds[tag] ?? spell(tag);
  return refuse(
    name,
    `${name} is not a statement that the app may send; the guard allows reading and writing rows.`,
  );
}

/** `AlterRoleSetStmt` becomes `ALTER ROLE SET`. */
function spell(tag: string): string {
  return tag
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
