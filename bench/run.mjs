// npm run bench -- NAME [options]: measures svc beside its peers, as whole processes, in the same run.
const [name, ...args] = process.argv.slice(2);
const benchmarks = {
  cold: () => import('./cold.mjs'),
  languages: () => import('./languages.mjs'),
  serve: () => import('./serve.mjs'),
  warm: () => import('./warm.mjs'),
};
if (!name || !(name in benchmarks)) {
  process.stderr.write(
    `usage: npm run bench -- ${Object.keys(benchmarks).join(' | ')} [--rounds N] [--only NAME]\n`,
  );
  process.exit(2);
}
const { run } = await benchmarks[name]();
await run(args);
