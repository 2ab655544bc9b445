// Loaded into svc's own process by the soak: tells, when it is asked, what is left in memory after a collection.
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ heap: heapUsed + external });
});
// svc ends when it has nothing to do, whether or not somebody may still ask.
process.channel.unref();
