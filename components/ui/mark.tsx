/** The mark: a hull on an inclined line. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <g transform="rotate(12 12 12)">
        <path d="M3.6 10.8h16.9c-.5 3.7-2.6 6-5.9 6H8.9c-2.8 0-4.8-2.3-5.3-6Z" fill="var(--ink)" />
        <path d="M11.2 9.2V3.4l4.9 5.8Z" fill="var(--sea)" />
        <path d="M.8 19.4h22.4" stroke="var(--sea)" strokeWidth="1.8" strokeLinecap="round" />
      </g>
    </svg>
  );
}
