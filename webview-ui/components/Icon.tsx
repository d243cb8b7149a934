/** 16-unit line drawings, stroked in the text colour. */
const paths = {
  answer: 'M3 3.5h10v7H8.5L5.5 13v-2.5H3z',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  cross: 'M4 4l8 8M12 4l-8 8',
  dash: 'M4 8h8',
  dot: 'M8 6.5a1.5 1.5 0 100 3 1.5 1.5 0 000-3z',
  export: 'M8 10V2.5M5 5.5l3-3 3 3M3 9.5v4h10v-4',
  fork: 'M5 3v10M5 8c0-2.5 6-1.5 6-5M11 3v0',
  insert: 'M3 3v10M13 8H6M8.5 5.5L6 8l2.5 2.5',
  more: 'M8 3.5v9M3.5 8h9',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.5l7.5 4.5L5 12.5z',
  prune: 'M4.5 11.5a1.5 1.5 0 110-.01M11.5 11.5a1.5 1.5 0 110-.01M5.5 10.5L11 3M10.5 10.5L5 3',
  ring: 'M8 4a4 4 0 100 8 4 4 0 000-8z',
  send: 'M3 8h9M8.5 4.5L12 8l-3.5 3.5',
  stop: 'M4.5 4.5h7v7h-7z',
  truncate: 'M2.5 8h7M7 5.5L9.5 8 7 10.5M12.5 4v8',
  warning: 'M8 2.8l5.8 10.4H2.2zM8 6.6v3M8 11.3v.2',
} as const;

export type IconName = keyof typeof paths;

/** Decorative: it is always beside the words it illustrates. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
