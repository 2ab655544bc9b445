import type { Plugin } from 'esbuild';

/** Where the transformed code expects the helpers; nobody has them installed there. */
const HELPERS = /^@oxc-project\/runtime\/helpers\/(decorate|decorateMetadata|decorateParam)$/;
const NAMESPACE = 'svc-helper';

/** Bundles the helpers that compiled decorators import. */
export const decoratorHelpers: Plugin = {
  name: 'svc-decorator-helpers',
  setup(build) {
    build.onResolve({ filter: HELPERS }, ({ path }) => ({
      path: path.replace(HELPERS, '$1'),
      namespace: NAMESPACE,
    }));
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: SOURCES[path] ?? '' }));
  },
};

/** What decorators do at run time, by helper; the contract is that of TypeScript's `experimentalDecorators`. */
const SOURCES: Readonly<Record<string, string>> = {
  decorate: `
export default function decorate(decorators, target, key, descriptor) {
  const isMember = arguments.length > 2;
  let result = target;
  if (isMember) result = descriptor === null ? Object.getOwnPropertyDescriptor(target, key) : descriptor;
  for (let index = decorators.length - 1; index >= 0; index--) {
    const decorator = decorators[index];
    if (decorator) result = (isMember ? decorator(target, key, result) : decorator(result)) || result;
  }
  if (isMember && result) Object.defineProperty(target, key, result);
  return result;
}`,
  decorateMetadata: `
export default function decorateMetadata(key, value) {
  return typeof Reflect.metadata === 'function' ? Reflect.metadata(key, value) : undefined;
}`,
  decorateParam: `
export default function decorateParam(index, decorator) {
  return (target, key) => decorator(target, key, index);
}`,
};
