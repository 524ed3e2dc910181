/** The browser's own modal dialog: it holds focus, closes by Escape and gives focus back by itself. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import css from './dialog.module.css';

/**
 * What a list that opens in a dialog needs: to be inside, as nothing else is above it, and placed by the window, so that
 * the dialog's edge cuts nothing off.
 */
export const inDialog = { withinPortal: false, floatingStrategy: 'fixed' } as const;

export interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
  /** At the top, as the palette. */
  readonly high?: boolean;
}

export function Dialog({ label, onClose, children, wide = false, high = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it still stands in the document: else the browser gives focus back to nobody.
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way is Escape, which the browser handles
    <dialog
      ref={dialog}
      className={css.dialog}
      aria-label={label}
      data-wide={wide || undefined}
      data-high={high || undefined}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className={css.inside}>{children}</div>
    </dialog>
  );
}
