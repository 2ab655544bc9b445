import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Runs a whole process and gives its wall time in milliseconds and the most memory that its main process held, in
 * megabytes (peak resident set, as the kernel counts it; null where there is no /proc).
 */
export function measure(command, args, { cwd, env = {} }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...QUIET, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let peak = null;
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    const sampler = setInterval(() => (peak = peakMemory(child.pid) ?? peak), 10);
    child.on('error', reject);
    child.on('close', code => {
      clearInterval(sampler);
      const wall = performance.now() - began;
      if (code === 0) resolve({ wall, peak });
      else
        reject(
          new Error(`${command} ${args.join(' ')} ended with ${code} in ${cwd}:\n${output.slice(-3000)}`),
        );
    });
  });
}

const QUIET = {
  CI: '1',
  VERCEL_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NO_UPDATE_NOTIFIER: '1',
};

function peakMemory(pid) {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Number(match[1]) / 1024 : null;
  } catch {
    // It has ended, or this is not Linux.
    return null;
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
