/** The table of people to invite: columns `email` and `role`, and perhaps `name` and `node`. */
import { shownName } from '../../kernel/shown-name.ts';
import { readEmailAddress } from '../email-address.ts';
import { identityError } from '../errors.ts';
import { CsvFault, isFormula, readCsv } from './csv.ts';

export const INVITEES_MAX = 10_000;
const COLUMNS = ['email', 'role', 'name', 'node'] as const;
type Column = (typeof COLUMNS)[number];

export interface Invitee {
  readonly line: number;
  readonly email: string;
  readonly role: string;
  readonly name: string | null;
  readonly node: string | null;
}

/** A line that cannot be a person to invite, and why. */
export interface RefusedLine {
  readonly line: number;
  readonly email: string;
  readonly code: string;
}

export interface InviteeTable {
  readonly invitees: readonly Invitee[];
  readonly refused: readonly RefusedLine[];
  /** Lines that say what a line before them said. */
  readonly repeated: readonly { readonly line: number; readonly email: string }[];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ROLE = /^[a-z][a-z0-9_-]{0,62}$/;

/** @throws `identity.import_unreadable` for what is no such table. */
export function readInviteeTable(csv: string): InviteeTable {
  const invitees: Invitee[] = [];
  const refused: RefusedLine[] = [];
  const repeated: { line: number; email: string }[] = [];
  const seen = new Set<string>();
  let places: ReadonlyMap<Column, number> | undefined;
  try {
    for (const { line, cells } of readCsv(csv)) {
      if (places === undefined) {
        places = readHeader(cells);
        continue;
      }
      if (invitees.length + refused.length + repeated.length === INVITEES_MAX) {
        throw unreadable(`it has more than ${INVITEES_MAX} lines`);
      }
      const cell = (column: Column) => cells[places?.get(column) ?? -1]?.trim() ?? '';
      const found = readInvitee(line, cell);
      if ('code' in found) {
        refused.push(found);
        continue;
      }
      const key = [found.email, found.role, found.node ?? ''].join(' ');
      if (seen.has(key)) repeated.push({ line, email: found.email });
      else invitees.push(found);
      seen.add(key);
    }
  } catch (error) {
    if (error instanceof CsvFault) throw unreadable(`line ${error.line}: ${error.message}`);
    throw error;
  }
  if (places === undefined) throw unreadable('it is empty');
  return { invitees, refused, repeated };
}

function readHeader(cells: readonly string[]): ReadonlyMap<Column, number> {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const places = new Map<Column, number>();
  for (const [index, name] of names.entries()) {
    const column = COLUMNS.find((known) => known === name);
    if (column === undefined)
      throw unreadable(`it has a column that is none of ${COLUMNS.join(', ')}`);
    if (places.has(column)) throw unreadable(`it has two columns ${column}`);
    places.set(column, index);
  }
  if (!places.has('email') || !places.has('role')) {
    throw unreadable('its first line does not name the columns email and role');
  }
  return places;
}

function readInvitee(line: number, cell: (column: Column) => string): Invitee | RefusedLine {
  const [given, role, name, node] = [cell('email'), cell('role'), cell('name'), cell('node')];
  const email = readEmailAddress(given);
  const refuse = (code: string): RefusedLine => ({ line, email: given.slice(0, 254), code });
  // A name that begins like a formula would run in the spreadsheet of whoever exports it one day.
  if (email === undefined || isFormula(given)) return refuse('identity.email_invalid');
  if (!ROLE.test(role)) return refuse('access.role_absent');
  if (name !== '' && (!shownName.safeParse(name).success || isFormula(name)))
    return refuse('kernel.input_invalid');
  if (node !== '' && !UUID.test(node.toLowerCase())) return refuse('access.node_absent');
  return {
    line,
    email,
    role,
    name: name === '' ? null : name,
    node: node === '' ? null : node.toLowerCase(),
  };
}

function unreadable(why: string) {
  return identityError('identity.import_unreadable', {
    message: `The table can’t be read: ${why}.`,
  });
}
