function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const config = { services: { web: { root: required('WEB_ROOT_THAT_NOBODY_SETS') } } };
