import { headers } from 'next/headers';
export default async function Page() {
  return <h1>about {(await headers()).get('x-from-middleware')}</h1>;
}
