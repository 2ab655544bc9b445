import type { ServiceUsage } from './meter.ts';

/**
 * Usage in the text format of Prometheus, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats).
 * What answers for no service has the empty name.
 */
export function prometheusText(
  usage: readonly ServiceUsage[],
  instances: ReadonlyMap<string | null, number>,
): string {
  const by = (value: (row: ServiceUsage) => number | null) =>
    usage.flatMap(row => {
      const number = value(row);
      return number === null ? [] : [{ labels: { service: row.service ?? '' }, value: number }];
    });
  return [
    metric(
      'svc_requests_total',
      'counter',
      'Requests by the service that answered and the class of the status.',
      usage.flatMap(({ service, requestsByStatus }) =>
        Object.entries(requestsByStatus).map(([digit, value]) => ({
          labels: { service: service ?? '', status: `${digit}xx` },
          value,
        })),
      ),
    ),
    metric(
      'svc_invocations_total',
      'counter',
      'Invocations of functions.',
      by(row => row.invocations),
    ),
    metric(
      'svc_wall_time_seconds_total',
      'counter',
      'Time from the first byte in to the last byte out, summed over invocations.',
      by(row => row.wallTime / 1000),
    ),
    metric(
      'svc_active_cpu_seconds_total',
      'counter',
      'Processor time of the processes of functions.',
      by(row => (row.activeCpu === null ? null : row.activeCpu / 1000)),
    ),
    metric(
      'svc_provisioned_memory_gigabyte_hours_total',
      'counter',
      'Memory given to functions while they have requests.',
      by(row => row.provisionedMemory),
    ),
    metric(
      'svc_response_bytes_total',
      'counter',
      'Bytes of response bodies.',
      by(row => row.bytes),
    ),
    metric(
      'svc_service_requests_total',
      'counter',
      'Calls over bindings by caller and target.',
      usage.flatMap(({ service, calls }) =>
        Object.entries(calls).map(([target, value]) => ({
          labels: { caller: service ?? '', service: target },
          value,
        })),
      ),
    ),
    metric(
      'svc_instances',
      'gauge',
      'Running instances of functions.',
      [...instances].map(([service, value]) => ({ labels: { service: service ?? '' }, value })),
    ),
    metric('process_resident_memory_bytes', 'gauge', 'Memory of svc itself.', [
      { labels: {}, value: process.memoryUsage.rss() },
    ]),
  ].join('');
}

function metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
