/**
 * Whoever ends a step sends the signal to all of it. The engine's client needs a moment then to take back what it has begun
 * (buildah its working containers), and where this process is gone, everything below it is killed.
 */
export function outliveSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
