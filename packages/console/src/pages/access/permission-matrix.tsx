/**
 * People × permissions, readable at 200 × 80: names and heads stay while it scrolls, permissions are grouped by
 * what they act on, cross-hairs follow the pointer and the focus, and a cell leads to its explanation.
 */
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { MatrixRow, Permission } from '../../api/shapes.ts';
import { underName } from '../people/under-name.ts';
import css from './permission-matrix.module.css';

export interface PermissionMatrixProps {
  readonly tenant: string;
  readonly rows: readonly MatrixRow[];
  readonly permissions: readonly Permission[];
  readonly sought: string;
}

export function PermissionMatrix({ tenant, rows, permissions, sought }: PermissionMatrixProps) {
  const navigate = useNavigate();
  const table = useRef<HTMLTableElement>(null);
  const [cross, setCross] = useState<readonly [row: number, column: number]>([-1, -1]);
  const [home, setHome] = useState<readonly [row: number, column: number]>([0, 0]);
  const shown = useMemo(() => select(rows, permissions, sought), [rows, permissions, sought]);
  const groups = groupsOf(shown.columns.map((column) => permissions[column]?.name ?? ''));
  const ends = new Set(groups.map(({ end }) => end));

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
      event.key
    ];
    if (step === undefined) return;
    const row = Math.min(shown.rows.length - 1, Math.max(0, home[0] + (step[0] ?? 0)));
    const column = Math.min(shown.columns.length - 1, Math.max(0, home[1] + (step[1] ?? 0)));
    event.preventDefault();
    setHome([row, column]);
    table.current?.querySelector<HTMLElement>(`[data-cell="${row}-${column}"]`)?.focus();
  };

  if (shown.rows.length === 0 || shown.columns.length === 0)
    return <p className="soft">No person and no permission is called that.</p>;
  return (
    <div className={css.frame}>
      <table
        ref={table}
        className={css.matrix}
        onKeyDown={onKeyDown}
        onPointerLeave={() => setCross([-1, -1])}
      >
        <caption className="hidden-visually">
          People and the permissions they hold in {tenant}. Arrow keys walk, Enter explains.
        </caption>
        <thead>
          <tr className={css.groups}>
            <td className={css.corner} />
            {groups.map(({ name, length, start }) => (
              <th key={start} scope="colgroup" colSpan={length}>
                {name}
              </th>
            ))}
          </tr>
          <tr className={css.heads}>
            <th scope="col" className={css.corner}>
              Person
            </th>
            {shown.columns.map((column, at) => {
              const permission = permissions[column];
              return (
                <th
                  key={permission?.name}
                  scope="col"
                  data-crossed={cross[1] === at || undefined}
                  data-end={ends.has(at) || undefined}
                  title={permission?.description}
                >
                  <span>{permission?.name.split(':').slice(1).join(':')}</span>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row, atRow) => {
            const found = rows[row];
            if (found === undefined) return null;
            const { member } = found;
            const held = new Set(found.holds);
            return (
              <tr
                key={`${member.type}:${member.id}`}
                data-crossed={cross[0] === atRow || undefined}
              >
                <th scope="row">
                  <span>{member.name}</span>
                  <span className="small faint">
                    {member.status === 'active' ? underName(member) : 'suspended'}
                  </span>
                </th>
                {shown.columns.map((column, at) => {
                  const permission = permissions[column]?.name ?? '';
                  const isHeld = held.has(permission);
                  return (
                    <td
                      key={permission}
                      data-crossed={cross[1] === at || undefined}
                      data-end={ends.has(at) || undefined}
                    >
                      <button
                        type="button"
                        data-cell={`${atRow}-${at}`}
                        data-held={isHeld || undefined}
                        tabIndex={home[0] === atRow && home[1] === at ? 0 : -1}
                        aria-label={`${member.name} ${isHeld ? 'may' : 'may not'} ${permission}`}
                        onPointerEnter={() => setCross([atRow, at])}
                        onFocus={() => {
                          setCross([atRow, at]);
                          setHome([atRow, at]);
                        }}
                        onClick={() =>
                          void navigate({
                            to: '/tenants/$tenant/explain',
                            params: { tenant },
                            search: { actor: `${member.type}:${member.id}`, permission },
                          })
                        }
                      />
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function select(
  rows: readonly MatrixRow[],
  permissions: readonly Permission[],
  sought: string,
): { rows: readonly number[]; columns: readonly number[] } {
  const words = sought.trim().toLowerCase();
  const all = <T,>(list: readonly T[]): number[] => list.map((_, index) => index);
  const nameAt = (column: number): string => permissions[column]?.name ?? '';
  // By what they act on, so that each group is one run of columns.
  const byGroup = all(permissions).sort(
    (a, b) => groupOf(nameAt(a)).localeCompare(groupOf(nameAt(b))) || a - b,
  );
  if (words === '') return { rows: all(rows), columns: byGroup };
  const people = all(rows).filter((row) => rows[row]?.member.name.toLowerCase().includes(words));
  const columns = byGroup.filter((column) => nameAt(column).includes(words));
  return {
    rows: people.length > 0 ? people : columns.length > 0 ? all(rows) : [],
    columns: columns.length > 0 ? columns : byGroup,
  };
}

const groupOf = (permission: string): string => permission.split(':')[0] ?? '';

function groupsOf(
  permissions: readonly string[],
): { name: string; start: number; end: number; length: number }[] {
  const groups: { name: string; start: number; end: number; length: number }[] = [];
  permissions.forEach((permission, index) => {
    const name = groupOf(permission).replaceAll('_', ' ');
    const last = groups.at(-1);
    if (last !== undefined && last.name === name) {
      last.end = index;
      last.length += 1;
    } else {
      groups.push({ name, start: index, end: index, length: 1 });
    }
  });
  return groups;
}
