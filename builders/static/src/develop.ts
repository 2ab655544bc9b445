import { type DevelopmentPlan, type DevelopmentRequest, frameworkDevelopment } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import { fromJson } from './data.ts';
import { planStatic } from './plan.ts';

/**
 * The framework's own development server; without one, the files themselves, or what the build command makes of the sources
 * every time they change.
 */
export async function developStatic(request: DevelopmentRequest): Promise<Result<DevelopmentPlan>> {
  const framework = frameworkDevelopment(request);
  if (framework) return ok(framework);
  const planned = await planStatic(request);
  if (!planned.ok) return planned;
  const { steps, data } = planned.value;
  const site = fromJson(data);
  const from = site.mode === 'files' ? site.from : (site.outputDirectory ?? 'public');
  const files = site.mode === 'files' ? site.files : null;
  const cleanUrls = request.service.cleanUrls ?? request.publicCleanUrls;
  return ok({
    install: [],
    prepare: steps,
    serve: { type: 'files', from, files, cleanUrls },
    reload: steps.length > 0 ? 'restart' : 'self',
    generated: steps.length > 0 ? [from] : [],
  });
}
