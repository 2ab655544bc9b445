import type { FailingProject } from './project.ts';
import { without } from './surroundings.ts';

const SCRATCH = 'FROM scratch\nCOPY index.html /index.html\nCMD ["/server"]\n';
const service = { runtime: 'container' };

export const containerProjects: readonly FailingProject[] = [
  {
    name: 'Container: no engine',
    files: { 'api/Dockerfile': SCRATCH, 'api/index.html': '<h1>api</h1>\n' },
    service,
    surroundings: () => without(/^(docker|buildah|podman)/),
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /neither docker nor buildah/, wayOut: /[Ii]nstall/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Container: the engine is down',
    needs: ['docker'],
    files: { 'api/Dockerfile': SCRATCH, 'api/index.html': '<h1>api</h1>\n' },
    service,
    surroundings: async project => {
      const { env, stop } = await without(/^(buildah|podman)/);
      return { env: { ...env, DOCKER_HOST: `unix://${project}/nobody.sock` }, ...(stop && { stop }) };
    },
    expected: {
      exit: 30,
      failures: [{ code: 'engine-unavailable', cause: /docker/, wayOut: /Start it.*DOCKER_HOST/s }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Container: a mistake in the Dockerfile',
    needs: ['docker'],
    files: { 'api/Dockerfile': SCRATCH.replace('COPY', 'COPPY'), 'api/index.html': '<h1>api</h1>\n' },
    service,
    expected: {
      exit: 30,
      failures: [
        { code: 'build-failed', cause: /COPPY/i, wayOut: /docs\.docker\.com/, file: 'api/Dockerfile:2' },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Container: a file that is not there to copy',
    needs: ['docker'],
    files: { 'api/Dockerfile': SCRATCH },
    service,
    expected: {
      exit: 30,
      failures: [{ code: 'build-failed', cause: /COPY index\.html/, file: 'api/Dockerfile:2' }],
      otherIsBuilt: true,
    },
  },
];
