/** A row before and after: only what differs is marked. */
import css from './audit.module.css';

type Row = Readonly<Record<string, unknown>>;

export function Diff({
  before = {},
  after = {},
}: {
  readonly before?: Row | undefined;
  readonly after?: Row | undefined;
}) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return (
    <table className={css.diff}>
      <caption className="hidden-visually">Columns before and after</caption>
      <thead className="hidden-visually">
        <tr>
          <th scope="col">Column</th>
          <th scope="col">Before and after</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const was = textOf(before[name]);
          const is = textOf(after[name]);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {was === is ? (
                  was
                ) : (
                  <>
                    {name in before && <del>{was}</del>}
                    {name in after && <ins>{is}</ins>}
                  </>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
