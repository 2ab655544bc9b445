export const revalidate = 60;
export function generateStaticParams() {
  return [{ slug: 'one' }];
}
export default async function Page({ params }) {
  const { slug } = await params;
  return (
    <h1>
      post {slug} {Date.now()}
    </h1>
  );
}
