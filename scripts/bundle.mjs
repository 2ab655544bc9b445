// Bundles the command line: one small entry, everything heavy in chunks that load when they are needed.
console.log('nothing to bundle yet');
