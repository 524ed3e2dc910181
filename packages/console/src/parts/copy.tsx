/** Ids, hashes and SQL: short where they are read, whole where they are copied. */
import { useEffect, useState } from 'react';
import { announce } from './announce.ts';
import css from './copy.module.css';
import { Icon } from './icon.tsx';

function useCopied(): readonly [boolean, (text: string, what: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1_600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (text: string, what: string): void => {
    void navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        announce(`${what} copied`);
      },
      () => announce('The browser did not let us copy.'),
    );
  };
  return [copied, copy];
}

export interface IdProps {
  readonly value: string;
  /** What it is the id of, for those who listen. */
  readonly of?: string;
  readonly length?: number;
}

export function Id({ value, of = 'id', length = 8 }: IdProps) {
  const [copied, copy] = useCopied();
  return (
    <button
      type="button"
      className={css.id}
      title={value}
      aria-label={`Copy ${of} ${value.length > length ? value.slice(0, length) : value}`}
      onClick={(event) => {
        event.stopPropagation();
        copy(value, of);
      }}
    >
      <code>{value.length > length ? value.slice(0, length) : value}</code>
      <span className={css.hint}>
        <Icon name={copied ? 'check' : 'copy'} size={12} />
      </span>
    </button>
  );
}

export interface CodeBlockProps {
  readonly text: string;
  readonly label: string;
  /** Offers the text as a file of this name. */
  readonly download?: string | undefined;
}

export function CodeBlock({ text, label, download }: CodeBlockProps) {
  const [copied, copy] = useCopied();
  return (
    <figure className={css.block}>
      <figcaption>
        <span className="small faint">{label}</span>
        <span className={css.actions}>
          {download !== undefined && (
            <button type="button" className={css.action} onClick={() => save(text, download)}>
              <Icon name="download" size={14} /> Download
            </button>
          )}
          <button type="button" className={css.action} onClick={() => copy(text, label)}>
            <Icon name={copied ? 'check' : 'copy'} size={14} /> {copied ? 'Copied' : 'Copy'}
          </button>
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

export function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
