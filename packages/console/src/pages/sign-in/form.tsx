import type { FormEvent, ReactNode } from 'react';
import css from './sign-in.module.css';

export function Form({
  title,
  onSubmit,
  children,
}: {
  readonly title: string;
  readonly onSubmit: (event: FormEvent) => void;
  readonly children: ReactNode;
}) {
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <h1>{title}</h1>
      {children}
    </form>
  );
}
