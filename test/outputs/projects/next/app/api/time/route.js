export const dynamic = 'force-dynamic';
export function GET() {
  return Response.json({ now: Date.now() });
}
export async function POST(request) {
  return Response.json({ body: await request.text() });
}
