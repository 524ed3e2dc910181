/** What no catalog can see; every report says it, so that nobody takes a proof for more than it is. */
export const NOT_SEEN: readonly string[] = [
  'Whether the app really connects as this role, and sets the tenant before each of its queries and never from what a client sends.',
  'Caches, search indexes, queues and files above the database that hold rows of several tenants.',
  'A connection pooler that hands one session, with its settings, to several tenants.',
  'Timing, LISTEN/NOTIFY, advisory locks and the activity views, through which sessions of one role notice each other.',
];
