/** Does something for every item, some of them at a time. The first error ends it once what is under way has ended. */
export async function atOnce<T>(
  most: number,
  items: readonly T[],
  action: (item: T) => Promise<void>,
): Promise<void> {
  const next = items.values();
  const errors: unknown[] = [];
  const worker = async () => {
    for (const item of next) {
      if (errors.length > 0) return;
      await action(item).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
}
