/**
 * What is compared: one service of a fixture each, built alone. `settings` are what the vendor's CLI wants to be told and
 * svc finds by itself; both get them. `goModule` is set to the Go that is installed: the vendor's CLI downloads any other.
 */
export const SERVICES = [
  { title: 'Static files', fixture: 'storefront', service: 'docs' },
  { title: 'Vite', fixture: 'vite-flask', service: 'web' },
  { title: 'Express', fixture: 'storefront', service: 'api', settings: { entrypoint: 'src/server.ts' } },
  { title: 'Hono', fixture: 'storefront', service: 'search', settings: { entrypoint: 'src/index.ts' } },
  { title: 'FastAPI', fixture: 'next-fastapi', service: 'api' },
  { title: 'Flask', fixture: 'vite-flask', service: 'api', settings: { entrypoint: 'app:app' } },
  { title: 'Starlette', fixture: 'vite-flask', service: 'chat' },
  { title: 'Django', fixture: 'all-languages', service: 'admin', settings: { entrypoint: 'office/wsgi.py' } },
  {
    title: 'Go',
    fixture: 'next-go',
    service: 'api',
    settings: { entrypoint: 'cmd/api/main.go', framework: 'go' },
    goModule: 'api/go.mod',
  },
  {
    title: 'Rust',
    fixture: 'rust-axum',
    service: 'api',
    settings: { entrypoint: 'src/main.rs', framework: 'rust' },
  },
  { title: 'Next.js', fixture: 'next-fastapi', service: 'web', routesMustBeEqual: true },
  { title: 'Next.js, small', fixture: 'next-go', service: 'web', routesMustBeEqual: true },
];
