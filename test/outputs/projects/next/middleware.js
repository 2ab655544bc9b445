import { NextResponse } from 'next/server';
export function middleware(request) {
  const { pathname } = request.nextUrl;
  if (pathname === '/mw/redirect') return NextResponse.redirect(new URL('/about', request.url));
  if (pathname === '/mw/rewrite') return NextResponse.rewrite(new URL('/about', request.url));
  if (pathname === '/mw/answer')
    return new NextResponse('from middleware', { status: 418, headers: { 'x-a': '1' } });
  if (pathname === '/mw/json') return NextResponse.json({ ok: true });
  const headers = new Headers(request.headers);
  headers.set('x-from-middleware', 'yes');
  headers.delete('x-drop');
  const response = NextResponse.next({ request: { headers } });
  response.cookies.set('one', '1');
  response.cookies.set('two', '2');
  response.headers.set('x-added', 'by middleware');
  return response;
}
export const config = { matcher: ['/about', '/mw/:path*', '/api/time'] };
