export { renderFailure, renderNotice } from './failure.ts';
export { chooseMode, type ReporterMode, useColor } from './mode.ts';
export type { Output } from './output.ts';
export { createReporter, type Reporter, type ReporterOptions } from './reporter.ts';
export { type Paint, type Style, servicePaint, styleFor } from './style.ts';
export { formatSize } from './units.ts';
