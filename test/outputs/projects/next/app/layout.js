import Link from 'next/link';
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <nav>
          <Link href="/">home</Link> <Link href="/about">about</Link> <Link href="/blog/one">one</Link>
        </nav>
        {children}
      </body>
    </html>
  );
}
