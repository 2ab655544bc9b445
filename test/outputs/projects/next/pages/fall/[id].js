export async function getStaticPaths() {
  return { paths: [], fallback: 'blocking' };
}
export async function getStaticProps({ params }) {
  return { props: { id: params.id, at: Date.now() }, revalidate: 3600 };
}
export default function Page({ id, at }) {
  return (
    <h1>
      fall {id} {at}
    </h1>
  );
}
