/** The end of a list that goes on: fetched when it comes near, or by the button. */
import { useEffect, useRef } from 'react';
import { Button } from './button.tsx';
import css from './more-rows.module.css';

export interface MoreRowsProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly what: string;
  readonly shown: number;
  readonly total?: number | undefined;
}

/** About two screens before the end. */
const AHEAD = '1600px';

export function MoreRows({ query, what, shown, total }: MoreRowsProps) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(query);
  latest.current = query;
  useEffect(() => {
    if (!query.hasNextPage || end.current === null) return undefined;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting && !latest.current.isFetchingNextPage)
          latest.current.fetchNextPage();
      },
      { rootMargin: AHEAD },
    );
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [query.hasNextPage]);
  if (shown === 0) return null;
  return (
    <div ref={end} className={css.more}>
      <span className="small faint">
        {shown.toLocaleString('en')}
        {total !== undefined && total > shown && ` of ${total.toLocaleString('en')}`} {what}
      </span>
      {query.hasNextPage && (
        <Button look="quiet" busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          More
        </Button>
      )}
    </div>
  );
}
