export const revalidate = 2;
export default function Page() {
  return <h1>isr {Date.now()}</h1>;
}
