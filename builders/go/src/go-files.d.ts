/** Programs in Go that are built into functions: esbuild makes texts of them. */
declare module '*.go' {
  const text: string;
  export default text;
}
