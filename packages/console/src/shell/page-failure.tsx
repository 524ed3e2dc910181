import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Door } from '../pages/sign-in/door.tsx';
import { Failure } from '../parts/states.tsx';

/** Nothing of the inside can be shown, such as where an organization lets nobody in from here: another may. */
export function ShellFailure({ error, reset }: ErrorComponentProps) {
  return (
    <Door>
      <h1>You can’t go in here</h1>
      <Failure error={error} retry={reset} />
      <Link to="/organizations">Go to another organization</Link>
    </Door>
  );
}

/** A page that could not be made: the rail stays, and it can be tried again. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} retry={reset} />;
}
