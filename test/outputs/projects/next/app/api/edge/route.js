export const runtime = 'edge';
export function GET(request) {
  return Response.json({
    edge: typeof EdgeRuntime,
    url: request.url,
    q: new URL(request.url).searchParams.get('q'),
  });
}
