/** Programs in Rust that are built into functions: esbuild makes texts of them. */
declare module '*.rs' {
  const text: string;
  export default text;
}
