import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Unit tests stand beside the package they test and need nothing built; end-to-end tests run the bundled CLI.
export default defineConfig({
  test: {
    // One core would be left idle else, which on two cores doubles the time.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'builders/*/test/**/*.test.ts'],
          exclude: ['builders/*/test/conformance.test.ts', 'node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          // Conformance of builders runs whole builds, with the programs of the bundle.
          include: ['test/*.test.ts', 'builders/*/test/conformance.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        // Installs and builds whole frameworks, so it is run by itself: npm run test:outputs.
        test: {
          name: 'outputs',
          include: ['test/outputs/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
});
