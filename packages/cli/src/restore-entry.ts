import { join } from 'node:path';

/** What a build loads that only has to put the last deployment back; bundled as one CommonJS file. */
export { restoreDeployment } from './cache/restore-deployment.ts';

/** What its helping threads run, which lies beside it. */
export const HELPER = join(__dirname, 'restore-helper.cjs');
