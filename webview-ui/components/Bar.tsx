/** A share 0…1 as a bar. Decorative: the figure is beside it in words. */
export function Bar({ share, tone }: { readonly share: number; readonly tone: string }) {
  const percent = Math.max(0, Math.min(1, share)) * 100;
  return (
    <span class="bar" aria-hidden="true">
      <span class={`bar-fill tone-${tone}`} style={{ width: `${percent}%` }} />
    </span>
  );
}
