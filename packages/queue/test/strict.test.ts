import { describe, expect, it } from 'vitest';
import { TestProject, type TestService } from './support/project.ts';

async function buildStrictly(build: string, more: Partial<TestService> = {}) {
  const services = { web: { root: 'web', build, ...more }, other: { root: 'other' } };
  const files = {
    '.gitignore': '*.secret\ndist/\n',
    'web/a.txt': 'a',
    'web/key.secret': 'k',
    'web/dist/old.txt': '',
    'other/secret.txt': 's',
    'shared.txt': 'shared',
  };
  const project = await TestProject.make(services, files);
  project.commit();
  const { result } = await project.run({ isolation: 'strict' });
  return { service: result.services[0], result };
}

describe('strict isolation', () => {
  it('names an undeclared read even when the program does not care', async () => {
    const { service } = await buildStrictly('cat ../other/secret.txt 2>/dev/null; true');
    expect(service?.state).toBe('failed');
    expect(service?.failures).toMatchObject([
      { code: 'undeclared-read', service: 'web', message: expect.stringContaining('"other/secret.txt"') },
    ]);
    expect(service?.failures[0]?.help).toContain('"inputs": ["other/secret.txt"]');
  });

  it('names an ignored file of the service itself, and lets a look for generated folders pass', async () => {
    const ignored = await buildStrictly('cat key.secret || true');
    expect(ignored.service?.failures).toMatchObject([
      { message: expect.stringContaining('"web/key.secret"') },
    ]);
    const generated = await buildStrictly('cat dist/old.txt || true');
    expect(generated.service?.state).toBe('built');
  });

  it('lets declared inputs and what no service owns be read', async () => {
    const { service } = await buildStrictly('cat ../other/secret.txt ../shared.txt key.secret', {
      inputs: { roots: ['web'], files: ['other/secret.txt', 'web/key.secret'] },
    });
    expect(service?.failures).toEqual([]);
    expect(service?.state).toBe('built');
  });

  it('names the peer of a connection, also of one that nobody waits for', async () => {
    const script = `require('net').connect(443, '192.0.2.7').on('error', () => {})`;
    const { service } = await buildStrictly(`"${process.execPath}" -e "${script}"`);
    expect(service?.failures).toMatchObject([
      { code: 'undeclared-network', message: expect.stringContaining('192.0.2.7:443') },
    ]);
  });

  it('names the look-up of a host name', async () => {
    const script = `require('dns').lookup('registry.example', () => {})`;
    const { service } = await buildStrictly(`"${process.execPath}" -e "${script}"`);
    expect(service?.failures).toMatchObject([
      { code: 'undeclared-network', message: expect.stringContaining('host name') },
    ]);
  });

  it('lets a build talk to its own workers over loopback', async () => {
    const script = `const n = require('net'); const s = n.createServer(c => c.end('hi')).listen(0, '127.0.0.1', () => n.connect(s.address().port, '127.0.0.1').on('data', d => { console.log(String(d)); s.close(); }))`;
    const { service } = await buildStrictly(`"${process.execPath}" -e "${script}"`);
    expect(service).toMatchObject({ state: 'built', failures: [] });
  });

  it('shows nothing of the machine but its system, and that read-only', async () => {
    const { service } = await buildStrictly(
      'ls -A / | tr "\\n" " "; ls /home /root /var 2>&1; touch /usr/x /etc/x 2>/dev/null && exit 1; touch /tmp/fine',
    );
    expect(service?.state).toBe('built');
  });
});
