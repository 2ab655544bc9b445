export default async event => ({ got: await readBody(event) });
