import { routes } from 'a-package-that-is-not-installed';

export default { services: { web: { root: 'web' } }, rewrites: routes };
