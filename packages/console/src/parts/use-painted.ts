import { useEffect, useState } from 'react';

/**
 * Whether what stands without it has been painted. For the dear part of a page, which comes a frame later, so that
 * the page itself answers at once: an effect alone would run before that frame where a press was the cause.
 */
export function usePainted(): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setPainted(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return isPainted;
}
