/**
 * A dense table: real rows and headers, 36 pixels each. Where rows open something the first cell holds the link
 * or button, j and k move between those, and the whole row takes the click. Of a long list there is what the window
 * shows and some more: the place of the others is kept, and each row says which it is of how many.
 */
import { type CSSProperties, type KeyboardEvent, memo, type ReactNode, useRef } from 'react';
import css from './data-table.module.css';
import { useNearWindow } from './near-window.ts';
import { usePainted } from './use-painted.ts';
import { usePrinting } from './use-printing.ts';

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
  /** More rows follow these. */
  readonly goesOn?: boolean;
  /** How many there are with those to come, if known. */
  readonly total?: number | undefined;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { caption, columns, rows, rowKey, selected, sort, onSort, rowState, isOld } = props;
  // The page with the table's head comes first.
  const isPrinting = usePrinting();
  const isPlaced = usePainted() || isPrinting;
  const isLong = rows.length > screenRows || props.goesOn === true;
  return (
    <div className={css.frame}>
      <table
        className={css.table}
        aria-busy={isOld || undefined}
        aria-rowcount={isLong ? rowCount(props) : undefined}
        onKeyDown={moveBetweenRows}
      >
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
        {chunksOf(isPlaced ? rows : NONE).map((chunk, at) => (
          <Chunk
            // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is a place in the list, whatever stands there
            key={at}
            list={caption}
            isHeld={isPrinting}
            rows={chunk}
            begin={isLong ? at * CHUNK_ROWS : undefined}
            isFirst={at * CHUNK_ROWS < screenRows}
            columns={columns}
            rowKey={rowKey}
            rowState={rowState}
            selected={selected}
          />
        ))}
        {!isPlaced && (
          <tbody>
            <Place rows={rows.length} columns={columns} />
          </tbody>
        )}
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
const CHUNK_ROWS = 12;

/** With the head; -1 is for a number that nobody knows. */
const rowCount = ({
  rows,
  goesOn,
  total = 0,
}: Pick<DataTableProps<unknown>, 'rows' | 'goesOn' | 'total'>): number =>
  !goesOn ? rows.length + 1 : total > rows.length ? total + 1 : -1;

const chunksOf = <T,>(rows: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(rows.length / CHUNK_ROWS) }, (_, at) =>
    rows.slice(at * CHUNK_ROWS, (at + 1) * CHUNK_ROWS),
  );

interface ChunkProps<T>
  extends Pick<DataTableProps<T>, 'columns' | 'rows' | 'rowKey' | 'rowState' | 'selected'> {
  /** Which row of a long list is its first. */
  readonly begin: number | undefined;
  readonly isFirst: boolean;
  readonly list: string;
  readonly isHeld: boolean;
}

function Chunk<T>(props: ChunkProps<T>) {
  const { columns, rows, rowKey, rowState, selected, begin, isFirst } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const { isNear, rowHeight } = useNearWindow(body, {
    list: props.list,
    first: rows[0] === undefined ? '' : rowKey(rows[0]),
    isFirst,
    // The focus comes back to the selected row, from wherever the list has been scrolled to meanwhile.
    isHeld: props.isHeld || rows.some((row) => rowKey(row) === selected),
  });
  return (
    <tbody ref={body}>
      {!isNear && <Place rows={rows.length} columns={columns} rowHeight={rowHeight} />}
      {isNear &&
        rows.map((row, at) => {
          const key = rowKey(row);
          return (
            <tr
              key={key}
              aria-rowindex={begin === undefined ? undefined : begin + at + 2}
              data-selected={key === selected || undefined}
              data-state={rowState?.(row)}
              onClick={openRow}
            >
              <Cells row={row} columns={columns} />
            </tr>
          );
        })}
    </tbody>
  );
}

/** Where rows are, or will be; what a narrow table leaves out is left out of it too, or its columns would come back. */
function Place({
  rows,
  columns,
  rowHeight,
}: {
  readonly rows: number;
  readonly columns: readonly { readonly wide?: boolean }[];
  readonly rowHeight?: number | undefined;
}) {
  const each = rowHeight === undefined ? 'var(--row)' : `${rowHeight}px`;
  const wide = columns.filter((column) => column.wide).length;
  return (
    <tr aria-hidden className={css.coming} style={{ height: `calc(${rows} * ${each})` }}>
      <td colSpan={columns.length - wide} />
      {wide > 0 && <td colSpan={wide} data-wide />}
    </tr>
  );
}

/** What did not change is not made anew: with a letter typed above a list, that is most of it. */
const Cells = memo(function Cells({
  row,
  columns,
}: {
  readonly row: unknown;
  readonly columns: readonly Column<unknown>[];
}) {
  return columns.map((column) => (
    <td key={column.key} data-align={column.align} data-wide={column.wide}>
      {column.cell(row)}
    </td>
  ));
}) as <T>(props: { readonly row: T; readonly columns: readonly Column<T>[] }) => ReactNode;

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
  let row = beside(target.closest('tbody tr'), step);
  while (row !== null && !row.ariaHidden && row.querySelector('[data-opens]') === null)
    row = beside(row, step);
  if (row === null) return;
  event.preventDefault();
  // It is made as it comes near, and is there for the next press.
  if (row.ariaHidden) row.scrollIntoView({ block: 'nearest' });
  else row.querySelector<HTMLElement>('[data-opens]')?.focus();
}

function beside(row: Element | null, step: number): Element | null {
  if (row === null) return null;
  const body = row.parentElement;
  return step > 0
    ? (row.nextElementSibling ?? body?.nextElementSibling?.firstElementChild ?? null)
    : (row.previousElementSibling ?? before(body)?.lastElementChild ?? null);
}

const before = (body: Element | null): Element | null =>
  body?.previousElementSibling?.matches('tbody') ? body.previousElementSibling : null;

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
