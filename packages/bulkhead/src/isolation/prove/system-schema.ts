/** PostgreSQL's own schemas: what lies in them is in the catalog only where somebody changed its privileges. */
export function isSystemSchema(name: string): boolean {
  return name === 'pg_catalog' || name === 'information_schema' || name === 'pg_toast';
}
