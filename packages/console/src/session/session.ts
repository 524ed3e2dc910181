/** Who is signed in, and what they may do in the console. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { questions } from '../api/queries.ts';
import type { Me } from '../api/shapes.ts';

/** Only below the shell, which asks before it shows anything. */
export function useMe(): Me {
  return useSuspenseQuery(questions.me()).data;
}

/** What a button is hidden by; the control plane asks again. */
export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}
