export async function getStaticProps(context) {
  return { props: { at: Date.now(), draft: Boolean(context.draftMode) }, revalidate: 3600 };
}
export default function Page({ at, draft }) {
  return (
    <h1>
      static {at} {String(draft)}
    </h1>
  );
}
