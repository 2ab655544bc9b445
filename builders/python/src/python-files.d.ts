/** Programs in Python that are shipped in functions: esbuild makes texts of them. */
declare module '*.py' {
  const text: string;
  export default text;
}
