import type { Json } from '@svc/contracts';
import type { Path } from '../document.ts';
import { nearest } from './near-miss.ts';
import type { Report } from './report.ts';
import { isObject, listed } from './words.ts';

/** Names that must be those of declared services: in bindings and in destinations. And names that must differ. */
export function checkReferences(config: { readonly [key: string]: Json }, report: Report): void {
  const services = isObject(config.services) ? config.services : {};
  const names = Object.keys(services);
  checkDestinations(config, [], names, report);
  for (const [name, service] of Object.entries(services)) {
    if (!isObject(service)) continue;
    const path = ['services', name];
    checkInnerDestinations(service, path, report);
    checkBindings(service.bindings, [...path, 'bindings'], names, report);
  }
}

/** A problem of the reference itself, shared by rewrites, bindings and svc.json. */
export function unknownService(
  name: string,
  names: readonly string[],
): { readonly message: string; readonly help: string } {
  const near = nearest(name, names);
  const known = names.length === 1 ? `the only one is ${quoted(names)}` : `the services are ${quoted(names)}`;
  return {
    message: `There is no service "${name}"; ${names.length === 0 ? 'none is declared' : known}`,
    help: near
      ? `Did you mean "${near}"?`
      : `Declare it: "services": { "${name}": { "root": "…" } }, or name one of the others.`,
  };
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(name => `"${name}"`);
  return listed(names.length > 10 ? [...shown, `${names.length - 10} more`] : shown);
}

function checkDestinations(
  config: { readonly [key: string]: Json },
  path: Path,
  names: readonly string[],
  report: Report,
): void {
  for (const [at, name] of serviceDestinations(config, path)) {
    if (names.includes(name)) continue;
    report({ code: 'config-unknown-service', path: at, part: 'value', ...unknownService(name, names) });
  }
}

/** Inside a service there is no way on to another one: the hand-over is final. Section 6.3 (4) of the reference. */
function checkInnerDestinations(service: { readonly [key: string]: Json }, path: Path, report: Report): void {
  for (const [at, name] of serviceDestinations(service, path)) {
    report({
      code: 'config-invalid-route',
      path: at,
      part: 'value',
      message: `A rule inside service "${path[1]}" cannot lead to service "${name}": a request stays in the service it has entered`,
      help: 'Move the rule to the top level of the file, before the rule that leads into this service.',
    });
  }
}

/** Every `destination.service` of the rules in `config`, with its path. */
function* serviceDestinations(
  config: { readonly [key: string]: Json },
  path: Path,
): Generator<readonly [Path, string]> {
  for (const field of ['routes', 'rewrites']) {
    const rules = config[field];
    if (!Array.isArray(rules)) continue;
    for (const [index, rule] of rules.entries()) {
      const destination: Json | undefined = isObject(rule) ? rule.destination : undefined;
      if (!isObject(destination) || typeof destination.service !== 'string' || destination.service === '')
        continue;
      yield [[...path, field, index, 'destination', 'service'], destination.service];
    }
  }
}

function checkBindings(
  bindings: Json | undefined,
  path: Path,
  names: readonly string[],
  report: Report,
): void {
  if (!Array.isArray(bindings)) return;
  const taken = new Set<string>();
  bindings.forEach((binding: Json, index) => {
    if (!isObject(binding)) return;
    const { service, env } = binding;
    if (typeof service === 'string' && service !== '' && !names.includes(service)) {
      const at = [...path, index, 'service'];
      report({ code: 'config-unknown-service', path: at, part: 'value', ...unknownService(service, names) });
    }
    if (typeof env !== 'string') return;
    if (!taken.has(env)) {
      taken.add(env);
      return;
    }
    report({
      code: 'config-invalid-value',
      path: [...path, index, 'env'],
      part: 'value',
      message: `Two bindings of service "${path[1]}" set the variable ${env}; only the second would count`,
      help: `Give this one another name, such as "${env}_TWO", or remove it.`,
    });
  });
}
