/** Aborted at the first SIGTERM or SIGINT, for a clean end; a second one ends the process at once. */
export function untilSignal(): AbortSignal {
  const stop = new AbortController();
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(codes[name]);
      stop.abort();
    });
  }
  return stop.signal;
}
