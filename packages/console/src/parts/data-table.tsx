/**
 * A dense table: real rows and headers, 36 pixels each. Where rows open something the first cell holds the link
 * or button, j and k move between those, and the whole row takes the click.
 */
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useDeferredValue,
} from 'react';
import css from './data-table.module.css';
import { usePainted } from './use-painted.ts';

export interface Column<T> {
  readonly key: string;
  readonly head: ReactNode;
  readonly cell: (row: T) => ReactNode;
  readonly align?: 'right';
  readonly width?: string;
  /** Its width where the table has less than 700 pixels; an equal share unless said. */
  readonly narrowWidth?: string;
  /** Left out where the table has less than 700 pixels; so is whatever in a cell has `data-wide="true"`. */
  readonly wide?: boolean;
  readonly sort?: string;
}

export interface DataTableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly selected?: string | undefined;
  /** `-name` sorts downwards. */
  readonly sort?: string | undefined;
  readonly onSort?: (sort: string) => void;
  readonly rowState?: (row: T) => string | undefined;
  /** These are the rows of the question before; the answer to this one is on its way. */
  readonly isOld?: boolean;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { caption, columns, rows, rowKey, selected, sort, onSort, rowState, isOld } = props;
  const shown = useScreenFirst(rows, rowKey);
  return (
    <div className={css.frame}>
      <table className={css.table} aria-busy={isOld || undefined} onKeyDown={moveBetweenRows}>
        <caption className="hidden-visually">{caption}</caption>
        <colgroup>
          {columns.map(({ key, width, narrowWidth, wide }) => (
            <col key={key} style={widths(width, narrowWidth)} data-wide={wide} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                data-align={column.align}
                data-wide={column.wide}
                aria-sort={ariaSort(column.sort, sort)}
              >
                {column.sort === undefined || onSort === undefined ? (
                  column.head
                ) : (
                  <button
                    type="button"
                    className={css.sort}
                    onClick={() => onSort(turned(column.sort ?? '', sort))}
                  >
                    {column.head}
                    <span aria-hidden="true">{arrow(column.sort, sort)}</span>
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => {
            const key = rowKey(row);
            return (
              <Row
                key={key}
                row={row}
                columns={columns}
                selected={key === selected || undefined}
                state={rowState?.(row)}
              />
            );
          })}
          {shown.length < rows.length && (
            <tr aria-hidden className={css.coming} style={placeOf(rows.length - shown.length)}>
              <td colSpan={columns.length} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

const ROW_PIXELS = 36;
/** What fills the window, whatever stands above; kept, because to ask for its height is to lay out the page. */
let screenRows = Math.ceil(innerHeight / ROW_PIXELS);
addEventListener('resize', () => {
  screenRows = Math.ceil(innerHeight / ROW_PIXELS);
});
const NONE: readonly never[] = [];

/**
 * The page with the table's head comes first, then what fills the screen, then the rest; until then its place is
 * kept. So it is with another list than was shown, but for the head. A list that only grew, or changed here and there,
 * is shown whole: rows that stay cost nothing.
 */
function useScreenFirst<T>(rows: readonly T[], rowKey: (row: T) => string): readonly T[] {
  const isPlaced = usePainted();
  const settled = useDeferredValue(isPlaced ? rows : NONE, NONE);
  if (!isPlaced) return NONE;
  if (settled === rows || rows.length <= screenRows) return rows;
  const known = new Set(settled.map(rowKey));
  const screen = rows.slice(0, screenRows);
  return screen.filter((row) => known.has(rowKey(row))).length * 2 > screenRows ? rows : screen;
}

const placeOf = (rows: number): CSSProperties => ({ height: `calc(${rows} * var(--row))` });

interface RowProps<T> extends Pick<DataTableProps<T>, 'columns'> {
  readonly row: T;
  readonly selected: true | undefined;
  readonly state: string | undefined;
}

/** What did not change is not made anew: with a letter typed above a hundred rows, that is most of them. */
const Row = memo(function Row({ row, columns, selected, state }: RowProps<unknown>) {
  return (
    <tr data-selected={selected} data-state={state} onClick={openRow}>
      {columns.map((column) => (
        <td key={column.key} data-align={column.align} data-wide={column.wide}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

const widths = (width: string | undefined, narrow = 'auto'): CSSProperties =>
  ({ width, '--narrow': narrow }) as CSSProperties;

/** The row's own link or button does the opening, so that a click and the keyboard cannot differ. */
function openRow(event: React.MouseEvent<HTMLTableRowElement>): void {
  const target = event.target as HTMLElement;
  if (target.closest('a, button, input, select') !== null || getSelection()?.isCollapsed === false)
    return;
  event.currentTarget.querySelector<HTMLElement>('[data-opens]')?.click();
}

function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const target = event.target as HTMLElement;
  if (step === undefined || target.matches('input, select, textarea')) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-opens]')];
  const here = all.findIndex((one) => one.closest('tr') === target.closest('tr'));
  const next = all[here + step];
  if (here < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}

function ariaSort(
  column: string | undefined,
  sort: string | undefined,
): 'ascending' | 'descending' | undefined {
  if (column === undefined || sort === undefined || sort.replace('-', '') !== column)
    return undefined;
  return sort.startsWith('-') ? 'descending' : 'ascending';
}

const arrow = (column: string, sort: string | undefined): string =>
  sort === column ? ' ↑' : sort === `-${column}` ? ' ↓' : '';

const turned = (column: string, sort: string | undefined): string =>
  sort === `-${column}`
    ? column
    : sort === column
      ? `-${column}`
      : column === 'name'
        ? column
        : `-${column}`;
