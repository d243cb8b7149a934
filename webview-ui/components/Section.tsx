import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface SectionProps {
  readonly title: string;
  readonly name: string;
  /** Shown at the right end of the heading's line. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A titled part of the panel, a landmark for screen readers. `name` is its hook for the style sheet. */
export function Section({ title, name, aside, children }: SectionProps) {
  const headingId = useId();
  return (
    <section class={`section section-${name}`} aria-labelledby={headingId}>
      <header class="section-header">
        <h2 id={headingId}>{title}</h2>
        {aside === undefined ? null : <div class="section-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
