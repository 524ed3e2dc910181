import { Dialog } from '../parts/dialog.tsx';
import { Kbd } from '../parts/kbd.tsx';
import css from './keys-help.module.css';
import { places } from './places.ts';
import { modKey } from './use-keys.ts';

const everywhere: readonly (readonly [keys: readonly string[], does: string])[] = [
  [[`${modKey}K`], 'Everything the pages do'],
  [['/'], 'Search on this page'],
  [['?'], 'These keys'],
  [['j', 'k'], 'Next and previous row'],
  [['Enter'], 'Open the row'],
  [['Esc'], 'Close the panel'],
  [['← ↑ → ↓'], 'Walk through the hull, the map and the matrix'],
];

export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose} wide>
      <h2>Keys</h2>
      <div className={css.columns}>
        <dl className={css.keys}>
          {everywhere.map(([keys, does]) => (
            <div key={does}>
              <dt>
                {keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <dl className={css.keys}>
          {places.map((place) => (
            <div key={place.to}>
              <dt>
                <Kbd>g</Kbd>
                <Kbd>{place.key}</Kbd>
              </dt>
              <dd>{place.label}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
