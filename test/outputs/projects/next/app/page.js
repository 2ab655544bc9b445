import Image from 'next/image';
import Counter from './counter';
export default function Page() {
  return (
    <main>
      <h1>home</h1>
      <Counter />
      <Image src="/dot.png" width={64} height={64} alt="dot" />
    </main>
  );
}
