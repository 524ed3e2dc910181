/**
 * Names of objects, for reports and for SQL.
 *
 * Promises: two different objects never get one name in a report, however hostile theirs are; an
 * identifier in SQL text is always read as that identifier.
 */

/**
 * `schema.name`, as people write it. Only a schema that holds a dot or begins with a quote is quoted, so the
 * first dot outside quotes always ends the schema, whatever the name is.
 */
export function objectName(schema: string, name: string): string {
  const isPlain = !schema.includes('.') && !schema.startsWith('"');
  return `${isPlain ? schema : `"${schema.replaceAll('"', '""')}"`}.${name}`;
}

export function roleObject(name: string): string {
  return `role:${name}`;
}

const UNQUOTED = /^[a-z_][a-z0-9_]*$/;

/** An identifier as SQL; quoted unless it is plain and no keyword could be meant. */
export function ident(name: string): string {
  return UNQUOTED.test(name) && !KEYWORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function qualified(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`;
}

/** A string as an SQL literal that reads the same whatever `standard_conforming_strings` is. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** Keywords that are not plain column and table names (reserved, and those only types or functions may have). */
const KEYWORDS = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
  lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize
  not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision
  primary real references returning right row select session_user setof similar smallint some substring symmetric
  system_user table tablesample then time timestamp to trailing treat trim true union unique user using values
  varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
  xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`.split(/\s+/),
);
