import type { DevelopmentPlan } from '@svc/builder-kit';
import type { DevelopedService } from '@svc/planner';
import { describe, expect, it } from 'vitest';
import { isInputOf } from '../src/watch/inputs.ts';

function developed(
  directory: string,
  roots: readonly string[],
  more: Partial<Pick<DevelopmentPlan, 'unused' | 'generated'>> = {},
): DevelopedService {
  return {
    service: {} as never,
    ...{ directory, kind: null, framework: null, runtime: 'container', envFiles: [] },
    inputs: { roots, files: ['package.json'], envFiles: [] },
    ...{ install: null, dependencies: [] },
    development: {
      ...{ install: [], prepare: [], reload: 'restart' },
      serve: { type: 'command', label: '', line: '' },
      ...more,
    },
  };
}

describe('the files that a service is made of', () => {
  it('lie in its root and in what it needs besides, but not in other services', () => {
    const service = developed('apps/api', ['apps/api', '.']);
    const others = ['apps/web', 'apps/api/docs'];
    expect(isInputOf(service, others, 'apps/api/main.go')).toBe(true);
    expect(isInputOf(service, others, 'libs/shared.txt')).toBe(true);
    expect(isInputOf(service, others, 'apps/web/page.html')).toBe(false);
    expect(isInputOf(service, others, 'apps/api/docs/index.html')).toBe(false);
    expect(isInputOf(developed('apps/api', ['apps/api', '.', 'apps/web']), others, 'apps/web/a')).toBe(true);
    expect(isInputOf(developed('apps/api', ['apps/api']), others, 'libs/shared.txt')).toBe(false);
    expect(isInputOf(developed('apps/api', ['apps/api']), others, 'package.json')).toBe(true);
  });

  it('may lie in a service whose root holds them all', () => {
    const service = developed('apps/api', ['apps/api']);
    expect(isInputOf(service, ['.'], 'apps/api/main.go')).toBe(true);
  });

  it('are not those that it writes itself', () => {
    const service = developed('api', ['api'], { generated: ['dist'] });
    expect(isInputOf(service, [], 'api/dist/a.js')).toBe(false);
    expect(isInputOf(service, [], 'api/distant.js')).toBe(true);
  });

  it('are not those that the .dockerignore of its context leaves out', () => {
    const unused = {
      from: '..',
      patterns: ['*.md', '**/*.log', 'api', '!api/server', 'Dockerfile'],
      except: ['Dockerfile', 'Dockerfile.dockerignore', '../.dockerignore'],
    };
    const service = developed('apps/api', ['apps/api', 'apps'], { unused });
    const isInput = (path: string) => isInputOf(service, [], path);
    expect(isInput('apps/README.md')).toBe(false);
    expect(isInput('apps/docs/README.md')).toBe(true);
    expect(isInput('apps/docs/a.log')).toBe(false);
    expect(isInput('apps/api/main.go')).toBe(false);
    expect(isInput('apps/api/server')).toBe(true);
    expect(isInput('apps/api/Dockerfile')).toBe(true);
    expect(isInput('apps/.dockerignore')).toBe(true);
  });
});
