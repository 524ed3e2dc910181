import type { ErrorComponentProps } from '@tanstack/react-router';
import { Failure } from '../parts/states.tsx';

/** A page that could not be made: the rail stays, and it can be tried again. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} retry={reset} />;
}
