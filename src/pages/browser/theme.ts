/** Calls `changed` whenever the system switches between light and dark. */
export function followTheme(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
