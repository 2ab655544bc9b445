export * from './decision.ts';
export { describeExplanation } from './describe.ts';
export { finishHeaders, type HeaderList } from './finish-headers.ts';
export { type Output, type OutputListing, type Outputs, outputsOf } from './outputs.ts';
export { createRouter, type Router, type RouterInput, type RoutingTable } from './router.ts';
export type { Explanation, Step } from './trace.ts';
