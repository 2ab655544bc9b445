import { isolationConformance } from './isolation-conformance.ts';

isolationConformance('auto');
isolationConformance('strict');
isolationConformance('copy', { siblingsOfWorkspace: true });
isolationConformance('none', { siblingsOfWorkspace: true, inPlace: true });
