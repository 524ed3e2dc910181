/** A panel beside the list it tells of: the list stays in reach, Escape closes, and focus goes back where it was. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { IconButton } from './button.tsx';
import css from './side-panel.module.css';

export interface SidePanelProps {
  readonly title: ReactNode;
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Where it was opened by its address, or the row before it has gone. */
const OPENED_FROM = 'main tr[data-selected] [data-opens]';

export function SidePanel({ title, label, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  // With the panel itself, so that no key falls between it and its focus, nor between its end and the list's.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    panel.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent): void => {
      if (
        event.key !== 'Escape' ||
        event.defaultPrevented ||
        document.querySelector('dialog[open]') !== null
      )
        return;
      close.current();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      const isThere = before?.isConnected && before !== document.body;
      const back = isThere ? before : document.querySelector<HTMLElement>(OPENED_FROM);
      back?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside className={css.panel} aria-label={label} ref={panel}>
      <div className={css.head}>
        <h2 tabIndex={-1}>{title}</h2>
        <IconButton icon="close" label="Close the panel" onClick={onClose} />
      </div>
      <div className={css.body}>{children}</div>
    </aside>
  );
}

/** A named part of a panel or page. */
export function Part({
  title,
  children,
  aside,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly aside?: ReactNode;
}) {
  return (
    <section className={css.part}>
      <div className={css.partHead}>
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values, one a line. */
export function Facts({
  items,
}: {
  readonly items: readonly (readonly [name: string, value: ReactNode] | false | undefined)[];
}) {
  return (
    <dl className={css.facts}>
      {items.map(
        (item) =>
          item && (
            <div key={item[0]}>
              <dt>{item[0]}</dt>
              <dd>{item[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
