/** Mantine's part in the look: which of its habits are off. What it looks like stands in `style/`. */
import { createTheme, MantineProvider, Tooltip } from '@mantine/core';

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 'xs',
  respectReducedMotion: true,
  components: {
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 250, events: { hover: true, focus: true, touch: true } },
    }),
  },
});

export { MantineProvider };
