/** What a build loads that only has to put the last deployment back; bundled as one CommonJS file. */
export { restoreDeployment } from './cache/restore-deployment.ts';
