/** Where to: for whoever belongs to several organizations, or to none yet. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { questions } from '../../api/queries.ts';
import { ask, isApiError, rememberCsrfToken } from '../../api/request.ts';
import { Button } from '../../parts/button.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { Door } from '../sign-in/door.tsx';
import { OrganizationList } from './organization-list.tsx';

export function OrganizationsPage() {
  const own = useQuery(questions.ownTenants());
  useEffect(() => {
    document.title = 'Where to? · Bulkhead';
  }, []);
  const token = own.data?.csrfToken;
  useEffect(() => {
    if (token !== undefined) rememberCsrfToken(token);
  }, [token]);
  const leave = async (): Promise<void> => {
    await ask('post', '/sign-out');
    location.assign(new URL('sign-in', document.baseURI));
  };
  const isOut = isApiError(own.error) && own.error.problem.status === 401;
  useEffect(() => {
    if (isOut) location.assign(new URL('sign-in', document.baseURI));
  }, [isOut]);
  const { data } = own;
  return (
    <Door>
      <h1>{data?.items.length === 0 ? 'You are nowhere yet' : 'Where to?'}</h1>
      {data !== undefined && (
        <p className="soft">
          {data.items.length === 0
            ? `${data.user.email} belongs to no organization. Whoever runs one can invite you.`
            : `${data.user.name}, you belong to ${count(data.items.length, 'organization')}. What you see and may do is that of the one you enter.`}
        </p>
      )}
      {own.isPending && <Loading what="your organizations" rows={3} />}
      {own.isError && !isOut && <Failure error={own.error} retry={() => void own.refetch()} />}
      {data !== undefined && <OrganizationList own={data.items} />}
      {data !== undefined && (
        <p>
          <Button look="text" onClick={() => void leave()}>
            Sign out
          </Button>
        </p>
      )}
    </Door>
  );
}
