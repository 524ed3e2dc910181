/** What the app records of its own doing. Sign-ins are Bulkhead's actions; rows and requests record themselves. */
import { type ActionsOf, type Audit, type Bulkhead, defineActions } from 'bulkhead';

export const actions = defineActions({
  'note.written': { description: 'A note was written.' },
  'note.changed': { description: 'A note was changed.' },
  'note.deleted': { description: 'A note was deleted, with its comments.' },
  'note.commented': { description: 'Somebody commented on a note.' },
  'invoice.issued': { description: 'An invoice was issued, with its lines.' },
  'invoice.paid': { description: 'An invoice was marked as paid.' },
});

/** The log as the routes use it. */
export type NotesAudit = Audit<ActionsOf<typeof actions>>;
export type NotesBulkhead = Bulkhead<ActionsOf<typeof actions>>;
