export const config = { runtime: 'edge' };
export const GET = () => new Response('edge ' + typeof EdgeRuntime);
