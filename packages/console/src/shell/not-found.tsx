import { Link } from '@tanstack/react-router';
import { SentenceHeader } from '../parts/sentence-header.tsx';

export function NotFound() {
  return (
    <SentenceHeader
      place="Nothing here"
      sentence="There is no such page."
      meta={
        <>
          The address may be mistyped, or what it named is gone.{' '}
          <Link to="/">Go to the overview</Link>, or press <kbd>/</kbd> to search.
        </>
      }
    />
  );
}
