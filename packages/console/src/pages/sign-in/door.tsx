/** What stands around every page before one is inside. */
import type { ReactNode } from 'react';
import css from './sign-in.module.css';

export function Door({ children }: { readonly children: ReactNode }) {
  return (
    <main className={css.page}>
      <div className={css.door}>
        <p className={css.brand}>
          <svg
            width="24"
            height="24"
            viewBox="0 0 32 32"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.2"
            aria-hidden="true"
          >
            <path d="M3 6h26v10c0 6-5 10-13 10S3 22 3 16zM11.700 6v19.300M20.300 6v19.300" />
          </svg>
          Bulkhead
        </p>
        {children}
      </div>
    </main>
  );
}
