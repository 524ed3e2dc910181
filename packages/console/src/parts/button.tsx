/** What can be pressed: one main action a page, the others quieter, the dangerous ones only inside their dialog. */
import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from 'react';
import css from './button.module.css';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'main' | 'usual' | 'quiet' | 'text' | 'danger';
  readonly icon?: IconName;
  readonly busy?: boolean;
  readonly children: ReactNode;
}

export function Button({
  look = 'usual',
  icon,
  busy = false,
  children,
  className,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${css.button} ${className ?? ''}`}
      data-look={look}
      aria-disabled={busy || rest['aria-disabled']}
      onClick={busy ? refuse : rest.onClick}
    >
      {icon !== undefined && <Icon name={icon} size={14} />}
      <span>{children}</span>
      {busy && <span className={css.busy} role="presentation" />}
    </button>
  );
}

/** What is under way isn't begun again, by Enter in a field neither: that presses the form's button. */
const refuse = (event: MouseEvent): void => event.preventDefault();

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  readonly label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${css.icon} ${rest.className ?? ''}`}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} />
    </button>
  );
}
