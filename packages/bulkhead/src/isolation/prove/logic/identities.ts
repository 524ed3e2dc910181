/**
 * Two rows of one kind differ only in which row they are. Here that difference is taken out, to recognise a
 * question asked before, and put back into its answer.
 *
 * Promises: two values get the same shape only if no expression tells them apart, other than by which row they
 * come from; an answer given again never claims to come from the row it was first given for.
 */
import type { Environment, Row, Session } from './environment.ts';
import type { Outcome } from './outcome.ts';
import type { Piece, Possible, Value } from './value.ts';

/** `orders#12.id`: column `id` of the twelfth row looked at. */
const INSTANCE = /#(\d+)\./g;

/** Writes shapes; instances are numbered in the order in which they come. */
export class Shape {
  readonly instances: number[] = [];
  readonly #numbers = new Map<number, number>();

  of(possible: Possible): string {
    let text = '';
    for (const { value, chance } of possible) text += `${chance}${this.#value(value)}|`;
    return text;
  }

  ofAll(columns: ReadonlyMap<string, Possible>): string {
    let text = '';
    for (const [name, possible] of columns) text += `${name}=${this.of(possible)},`;
    return text;
  }

  #identity(text: string): string {
    if (!text.includes('#')) return text;
    return text.replace(INSTANCE, (_, digits: string) => {
      const instance = Number(digits);
      let number = this.#numbers.get(instance);
      if (number === undefined) {
        number = this.instances.push(instance);
        this.#numbers.set(instance, number);
      }
      return `#${number}.`;
    });
  }

  #value(value: Value): string {
    switch (value.kind) {
      case 'null':
        return '-';
      case 'constant':
        return JSON.stringify(value.text);
      case 'coloured':
        return `k${value.colour}${value.context ? '!' : ''}${value.type}:${this.#identity(value.identity)}`;
      case 'free':
        return `f${value.colour ?? ''}${value.nullable ? '?' : ''}${value.designated === true ? '!' : ''}${value.type}:${this.#identity(value.identity)}`;
      case 'chosen':
        return `x${value.colour ?? ''}${value.type}:${this.#identity(value.identity)}`;
      case 'blurred':
        return `b${value.colour ?? ''}${value.by}:${this.#identity(value.identity)}`;
      case 'truth':
        return `t${outcomeText(value.outcome)}`;
      case 'count':
        return `n${outcomeText(value.any)}`;
      case 'array':
        return `[${value.sparse === true ? '?' : ''}${this.of(value.elements)}]`;
      case 'record':
        return `{${this.ofAll(value.fields)}}`;
      case 'claims':
        return `j${value.setting}:${value.path.join('.')}`;
      case 'text':
        return `s${value.pieces.map((piece) => `${piece.how}${JSON.stringify(piece.text)}${this.of(piece.value)}`).join(';')}`;
      case 'opaque':
        return `o${value.doubt}`;
    }
  }
}

const outcomeText = ({ t, f, n, foreign, because }: Outcome): string =>
  `${t}${f}${n}${foreign}${because ?? ''}`;

/** Gives values other instances: those named in `known`, and fresh ones for the rest. */
export class Renaming {
  readonly #session: Session;
  readonly #numbers: Map<string, string>;

  constructor(session: Session, known: readonly (readonly [from: number, to: number])[] = []) {
    this.#session = session;
    this.#numbers = new Map(known.map(([from, to]) => [String(from), String(to)]));
  }

  row = (row: Row): Row => ({ ...row, columns: this.columns(row.columns) });

  columns(columns: ReadonlyMap<string, Possible>): ReadonlyMap<string, Possible> {
    return new Map([...columns].map(([name, possible]) => [name, this.possible(possible)]));
  }

  possible(possible: Possible): Possible {
    return possible.map((one) => ({ value: this.#value(one.value), chance: one.chance }));
  }

  #identity(text: string): string {
    if (!text.includes('#')) return text;
    return text.replace(INSTANCE, (_, instance: string) => {
      let number = this.#numbers.get(instance);
      if (number === undefined) {
        this.#session.instances += 1;
        number = String(this.#session.instances);
        this.#numbers.set(instance, number);
      }
      return `#${number}.`;
    });
  }

  #value(value: Value): Value {
    switch (value.kind) {
      case 'coloured':
      case 'free':
      case 'chosen':
      case 'blurred':
        return value.identity.includes('#')
          ? { ...value, identity: this.#identity(value.identity) }
          : value;
      case 'array':
        return { ...value, elements: this.possible(value.elements) };
      case 'record':
        return { ...value, fields: this.columns(value.fields) };
      case 'text':
        return {
          ...value,
          pieces: value.pieces.map(
            (piece): Piece => ({ ...piece, value: this.possible(piece.value) }),
          ),
        };
      default:
        return value;
    }
  }
}

/** Few enough to be looked at one by one. */
const ROWS_FEW = 12;

/** One row of each kind, where there are many: rows that only differ in which rows they are answer alike. */
export function distinctRows(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= ROWS_FEW) return rows;
  const kinds = new Map<string, Row>();
  for (const row of rows) {
    const { colour, from, planted, columns } = row;
    const key = `${colour} ${from?.oid} ${planted?.oid} ${new Shape().ofAll(columns)}`;
    const known = kinds.get(key);
    if (known === undefined || known.chance < row.chance) kinds.set(key, row);
  }
  return [...kinds.values()];
}

/** What an answer depends on besides rows and arguments: whose rights, and what settings were changed to. */
export function circumstances(env: Environment): string {
  const config = [...(env.routine?.config ?? [])].filter(([name]) => name.includes('.'));
  const settings = [...env.settings].map(([name, value]) => `${name}=${new Shape().of(value)}`);
  return `${env.role} ${env.user} ${config.join(';')} ${settings.join(';')}`;
}
