/**
 * The kinds of parse-tree node that a statement may hold.
 *
 * An allow-list, so that syntax of a later PostgreSQL is refused until someone has asked what it can
 * reach. The tags are those of PostgreSQL's raw parse tree (`parsenodes.h`, `primnodes.h`).
 */
const statements = 'SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt';

const values = 'A_Const String Integer Float Boolean BitString List ParamRef SetToDefault';

const expressions = `A_ArrayExpr A_Expr A_Indices A_Indirection A_Star BoolExpr BooleanTest CaseExpr
  CaseWhen CoalesceExpr CollateClause ColumnRef FuncCall GroupingFunc MergeSupportFunc MinMaxExpr
  MultiAssignRef NamedArgExpr NullTest RowExpr SQLValueFunction SubLink TypeCast TypeName XmlExpr
  XmlSerialize`;

const json = `JsonAggConstructor JsonArgument JsonArrayAgg JsonArrayConstructor
  JsonArrayQueryConstructor JsonBehavior JsonFormat JsonFuncExpr JsonIsPredicate JsonKeyValue
  JsonObjectAgg JsonObjectConstructor JsonOutput JsonParseExpr JsonReturning JsonScalarExpr
  JsonSerializeExpr JsonTable JsonTableColumn JsonTablePathSpec JsonValueExpr`;

const clauses = `Alias ColumnDef CommonTableExpr CTECycleClause CTESearchClause DefElem GroupingSet IndexElem
  InferClause JoinExpr LockingClause MergeWhenClause OnConflictClause RangeFunction RangeSubselect
  RangeTableFunc RangeTableFuncCol RangeTableSample RangeVar ResTarget ReturningClause
  ReturningOption SortBy WindowDef WithClause`;

export const allowedTags: ReadonlySet<string> = new Set(
  [statements, values, expressions, json, clauses].flatMap((group) => group.split(/\s+/)),
);

/** The tags that write or lock rows. */
export const writingTags: ReadonlySet<string> = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'LockingClause',
]);
