import { revalidatePath } from 'next/cache';
export const dynamic = 'force-dynamic';
export function GET(request) {
  const path = new URL(request.url).searchParams.get('path');
  revalidatePath(path);
  return Response.json({ revalidated: path });
}
