/** Calls `changed` whenever the system turns from light to dark or back. */
export function followTheme(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
