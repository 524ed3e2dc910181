/** The console's few icons, drawn on a 16-pixel grid with one weight of line. */
import type { ReactNode } from 'react';

const paths = {
  overview: <path d="M2 4.5h12v4.2c0 2.6-2.2 4.3-6 4.3s-6-1.7-6-4.3zM6 4.5V13M10 4.5V13" />,
  tenants: <path d="M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z" />,
  isolation: (
    <path d="M2 8h3.5M10.5 3.5H14M10.5 8H14M10.5 12.500H14M5.500 8c3 0 2-4.500 5-4.500M5.500 8h5M5.500 8c3 0 2 4.500 5 4.500" />
  ),
  audit: <path d="M3 3h10M3 6.300h10M3 9.700h6M3 13h4M10.500 12l1.500 1.500 2.500-3.500" />,
  story: <path d="M4 2.500v11M4 4.500h8M4 8h6M4 11.500h9" />,
  people: (
    <path d="M6 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM1.500 13.500c0-2.500 2-4 4.500-4s4.500 1.500 4.500 4M11 3a2.200 2.200 0 0 1 0 4.300M12.300 9.900c1.400.600 2.200 1.900 2.200 3.600" />
  ),
  invitations: <path d="M2 4h12v8.500H2zM2 4.500l6 4.500 6-4.500" />,
  roles: (
    <path d="M2.500 2.500h11v11h-11zM2.500 6.200h11M2.500 9.800h11M6.200 2.500v11M9.800 2.500v11" />
  ),
  explain: (
    <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.300 6.200c.100-1 .800-1.600 1.800-1.600s1.800.600 1.800 1.500c0 1.300-1.900 1.400-1.900 2.900M8 11.300v.200" />
  ),
  policies: <path d="M2 4.500h6M11 4.500h3M9.500 3v3M2 11.500h3M8 11.500h6M6.500 10v3" />,
  settings: (
    <path d="M8 10.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400zM8 1.800v2M8 12.200v2M1.800 8h2M12.200 8h2M3.600 3.600 5 5M11 11l1.400 1.400M12.400 3.600 11 5M5 11l-1.400 1.400" />
  ),
  keys: (
    <path d="M5 12.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7.200 7.300 13.500 2M11 4.100l1.700 2M9.200 5.600l1.200 1.500" />
  ),
  account: (
    <path d="M8 8.200a2.700 2.700 0 1 0 0-5.400 2.700 2.700 0 0 0 0 5.400zM2.800 14c.300-2.600 2.400-4 5.200-4s4.900 1.400 5.200 4" />
  ),
  search: <path d="M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM10.300 10.300 14 14" />,
  close: <path d="m3.500 3.500 9 9M12.500 3.500l-9 9" />,
  copy: <path d="M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3" />,
  check: <path d="m3 8.500 3.300 3.300L13 5" />,
  right: <path d="m6 3.500 4.500 4.500L6 12.500" />,
  choose: <path d="M5 6.500 8 3.500l3 3M5 9.500l3 3 3-3" />,
  down: <path d="M3.500 6 8 10.500 12.500 6" />,
  menu: <path d="M2 4.500h12M2 8h12M2 11.500h12" />,
  download: <path d="M8 2.500v8M4.500 7.500 8 11l3.500-3.500M2.500 13.500h11" />,
  more: <path d="M3 8h.010M8 8h.010M13 8h.010" strokeWidth={2.2} />,
  play: <path d="M4.500 3v10l8-5z" />,
  pause: <path d="M5 3v10M11 3v10" />,
  tray: <path d="M2 9.500 4 3h8l2 6.500v4H2zM2 9.500h3.500l1 1.500h3l1-1.500H14" />,
  plus: <path d="M8 3v10M3 8h10" />,
  external: <path d="M9 2.500h4.500V7M13.500 2.500 7.500 8.500M11.500 9v4.500h-9v-9H7" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.35}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {paths[name]}
    </svg>
  );
}
